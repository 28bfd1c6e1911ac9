"""What this package adds to mattekit; nothing yet."""
