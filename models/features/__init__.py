"""Turn what is known of a tract before the season into model inputs."""
