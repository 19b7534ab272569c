"""Words that everything else is written in: names, errors, quantities. Depends on nothing here."""
