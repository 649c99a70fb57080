"""How `instances/europe_hourly` follows from hours of weather, technology data and assumptions."""
