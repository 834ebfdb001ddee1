# The course in a container: for one laptop, for a JupyterHub, for a development container.
#
#   docker build -t har-course .
#   docker run -p 8888:8888 har-course
#
# The packages are those of requirements.lock, checked by hash. README.md says how large it is.
FROM quay.io/jupyter/base-notebook:python-3.12

COPY --chown=${NB_UID}:${NB_GID} requirements.lock /tmp/requirements.lock
RUN pip install --no-cache-dir --require-hashes -r /tmp/requirements.lock

COPY --chown=${NB_UID}:${NB_GID} . /home/jovyan/har-course
WORKDIR /home/jovyan/har-course
RUN pip install --no-cache-dir --no-deps --editable . \
 && python -m har_utils data \
 && python -m har_utils start-page

ENV JUPYTER_CONFIG_PATH=/home/jovyan/har-course/config/jupyter TQDM_DYNAMIC_NCOLS=1
CMD ["start-notebook.py", "--LabApp.default_url=/lab/tree/notebooks/start.md"]
