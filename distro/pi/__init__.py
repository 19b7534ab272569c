"""Images of Raspberry Pis that are nodes: `build.sh` is what people run."""
