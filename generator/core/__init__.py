"""What every package may use: errors, files, git, and how numbers are written."""
