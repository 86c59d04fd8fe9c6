"""From a brief to a checked plan. Knows Claude; knows neither Linear nor the web."""
