#!/bin/sh
# Hold the built wheel against the source: it has every file, and in a folder where the source is
# not, every module is imported, and what is found by a path or an entry point is tested: the seeds,
# the commands, the pytest plugin, and what `qprof run` puts into a program.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$BIN/python" -m build --quiet --wheel --outdir "$work/dist" .
"$PYTHON" - "$work"/dist/*.whl <<'END'
import pathlib, sys, zipfile
inside = set(zipfile.ZipFile(sys.argv[1]).namelist())
source = [each for each in pathlib.Path("qprof").rglob("*") if each.is_file()]
seeds = [f"qprof/seeds/{each.name}" for each in pathlib.Path("seeds").iterdir()]
wanted = {each.as_posix() for each in source if "__pycache__" not in each.parts} | set(seeds)
assert wanted <= inside, f"the wheel lacks {sorted(wanted - inside)}"
END
"$PYTHON" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$work"/dist/*.whl
# As a user has it, with nothing but what the wheel asks for.
(
  cd "$work"
  "$work/venv/bin/qprof" seed --quiet --recipe tiny --database sqlite:///tiny.db
  "$work/venv/bin/qprof" compare artists.search --database sqlite:///tiny.db --repeat 1 --quiet
)
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --group test
mkdir "$work/elsewhere"
cp -R tests pyproject.toml README.md CONTRIBUTING.md CHANGELOG.md docs "$work/elsewhere/"
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
  tests/seeding/library/test_recipes.py tests/pytest_plugin/test_fixture.py tests/cli/test_versions.py \
  tests/cli/test_seed.py tests/targets/program/test_attribution.py tests/targets/code/test_target.py
