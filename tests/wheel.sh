#!/bin/sh
# Run what could miss a file against the built wheel, in a folder where the source is not: every
# module is imported, and the commands, the seeds, the entry points and the programs are tested.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$BIN/python" -m build --quiet --wheel --outdir "$work/dist" .
"$PYTHON" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$work"/dist/*.whl --group test
mkdir "$work/elsewhere"
cp -R tests pyproject.toml README.md CHANGELOG.md docs "$work/elsewhere/"
cd "$work/elsewhere"
"$work/venv/bin/python" -c 'import qprof, pathlib; assert "site-packages" in qprof.__file__, qprof.__file__'
"$work/venv/bin/python" - <<'END'
import importlib, pkgutil, qprof
for each in pkgutil.walk_packages(qprof.__path__, "qprof."):
    if not each.name.endswith("__main__"):
        importlib.import_module(each.name)
END
"$work/venv/bin/qprof" --version
"$work/venv/bin/python" -m pytest -n auto -q \
  tests/library tests/pytest_plugin tests/web tests/cli/test_configuration.py \
  tests/cli/test_refusals.py tests/cli/test_seed.py tests/test_registry.py tests/test_target.py
