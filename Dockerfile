# The serving image: the core only, no torch. Its steps are the scripts of deploy/, which the tests
# run outside a container too.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements/run.txt requirements/run.txt
COPY deploy deploy
RUN deploy/create-environment.sh /opt/likeness
COPY . .
RUN deploy/install-likeness.sh /opt/likeness /src

FROM python:3.11-slim
RUN useradd --system --uid 10001 --user-group --no-create-home likeness \
    && install -d -o likeness -g likeness /data
COPY --from=build /opt/likeness /opt/likeness
ENV PATH=/opt/likeness/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LIKENESS_HOME=/data \
    LIKENESS_HOST=0.0.0.0 \
    LIKENESS_PORT=8000
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["likeness-health"]
ENTRYPOINT ["likeness"]
CMD ["serve", "--no-worker"]
