# The course in a container: for one laptop, for a JupyterHub, for a development container.
#
#   docker build -t har-course .
#   docker run -p 8888:8888 -v "$PWD/notebooks:/home/jovyan/har-course/notebooks" -v "$PWD/build:/home/jovyan/har-course/build" har-course
#
# The second line is for PowerShell and for shells of Linux and macOS. Notebooks and results stay in
# the folder it is typed in. The page with all lessons is written anew at every start, since it is not
# among the notebooks that are mounted. On Linux make the folder build/ before. Both folders must belong
# to user number 1000, as whom the container works (id -u says yours); if they cannot, let Docker keep
# them: -v har-notebooks:/home/jovyan/har-course/notebooks, and the same for build.
#
# The packages are those of requirements.lock, checked by hash. README.md says how large it is.
# Another image with Python 3.11 to 3.13, pip and start-notebook.py: --build-arg BASE=its-name
ARG BASE=quay.io/jupyter/base-notebook:python-3.12
FROM ${BASE}

COPY --chown=${NB_UID}:${NB_GID} requirements.lock /tmp/requirements.lock
RUN pip install --no-cache-dir --require-hashes -r /tmp/requirements.lock

COPY --chown=${NB_UID}:${NB_GID} . /home/jovyan/har-course
WORKDIR /home/jovyan/har-course
RUN pip install --no-cache-dir --no-deps --editable . \
 && python -m har_utils data

ENV JUPYTER_CONFIG_PATH=/home/jovyan/har-course/config/jupyter TQDM_DYNAMIC_NCOLS=1
CMD ["sh", "-c", "python -m har_utils start-page; exec start-notebook.py --LabApp.default_url=/lab/tree/notebooks/start.md"]
