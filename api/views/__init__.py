"""What people see of rows: words, lights, masks, receipts."""
