"""From lake to marts: the warehouse's sources, and running dbt on them. No number is made here."""
