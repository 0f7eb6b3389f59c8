"""Hold what every exporter uses: places, rules, cells, and views."""
