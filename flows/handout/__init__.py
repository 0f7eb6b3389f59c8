"""What a run hands out: reports, mails, pictures, packs, and the public site."""
