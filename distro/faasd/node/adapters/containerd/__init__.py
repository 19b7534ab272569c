"""containerd 1.6 over gRPC: images, roots, containers, tasks, namespaces, events.

The one package that knows grpc and generated protobuf code. Protocol: the .proto files of
containerd 1.6 (`api/` in its sources); ours in `protos/` name the parts we use.
"""
