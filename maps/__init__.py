"""Shown: offline Folium pages of tracts."""
