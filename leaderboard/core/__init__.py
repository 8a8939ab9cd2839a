"""What every room stands on: settings, database, storage, jobs, signals, clock, errors, mail, words, ledger."""
