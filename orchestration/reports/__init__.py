"""What a provider gets back: its report, its failures, and its own files with the cells marked."""
