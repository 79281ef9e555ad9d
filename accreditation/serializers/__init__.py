"""What accreditation takes (`bodies`) and answers (`answers`)."""
