"""A terminal console for fleets of GitHub Actions self-hosted runners."""
