"""What every package may use: errors, files, git, how numbers are written."""
