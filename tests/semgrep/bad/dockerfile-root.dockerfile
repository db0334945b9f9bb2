FROM debian
USER root
