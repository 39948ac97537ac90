"""Stories about prediction."""
