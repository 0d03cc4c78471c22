"""CodeBuild that builds: buildspecs run as processes under the project's own role."""
