"""Faults put into real builds of a small paper: signals, damaged files, a full disk, too little memory."""
