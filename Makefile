# 家门口：make run 启动演示页面；make test 跑测试；其余见各目标上方的说明。
# `make run` starts the demo page, `make test` runs the tests.

VENV := .venv
PY := $(VENV)/bin/python
PYTHON ?=
# Quiet, but errors are shown; a warning about being root or a newer pip helps nobody here.
PIP := PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 $(PY) -m pip install -qq
LOCK := $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url \
	--no-emit-find-links --generate-hashes --no-annotate --custom-compile-command "make lock"

# Whoever forbids Python to keep what it compiled pays half a second at every start, tests sixty times.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := run
.PHONY: setup setup-dev run test bench soak lint format lock clean

# 建好运行环境（requirements.lock 变了会重新安装）。
setup: $(VENV)/.installed

# 运行环境之外再装上测试和检查工具。
setup-dev: $(VENV)/.installed-dev

# 演示：建库、装入小样例、打开页面；按 Ctrl-C 结束。
run: setup
	@WEB_DEMO=true $(PY) -m bot run --sample

# 全部测试。一条测试多半时间在等，所以三个一起跑（TEST_WORKERS=1 就一个一个跑），每次只领几条，免得最后有人闲着。
TEST_WORKERS ?= 3
test: setup-dev
	@$(PY) -m pytest -n $(TEST_WORKERS) --maxschedchunk 4

# 性能：与各自的对手在同一轮里比，打印成表并写入 benchmarks/results.md；BENCH=conversation 只跑一项、不写文件。
bench: setup-dev
	@$(PY) -m benchmarks $(BENCH)

# 长时间的可靠性测试（约一小时半）：反复强杀、断网、断库、磁盘满、断电、一万条恶意消息；结果打印出来，说明见 docs/reliability.md。
soak: setup-dev
	@$(PY) -m tests.reliability.soak --kills 100 --updates 20000 --residents 300 --longest 8 --seconds 1200
	@$(PY) -m tests.reliability.soak --kills 100 --updates 5000 --residents 150 --longest 8 --seconds 1200 --database postgresql
	@$(PY) -m tests.reliability.soak_sending
	@$(PY) -m tests.reliability.power --cuts 1000
	@$(PY) -m benchmarks.kills
	@HOSTILE=10000 $(PY) -m pytest tests/conversations/test_hostile.py

# 代码检查。
lint: setup-dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

# 按统一格式改写代码。
format: setup-dev
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

# 重新解析依赖，更新两个锁文件（需要联网）；加 UPGRADE=1 同时升级版本。
lock: setup
	@$(PIP) uv
	@$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.lock
	@$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

# 删掉环境和缓存；data/（数据库、密钥、照片）不动。
clean:
	@rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.git/*' -exec rm -rf {} +

$(VENV)/.installed: requirements.lock | $(VENV)/.made
	@echo "正在安装运行所需的程序包，第一次约一分钟…… (installing)"
	@$(PIP) --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock | $(VENV)/.made
	@echo "正在安装测试所需的程序包，第一次约一分钟…… (installing)"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

# The first Python that is new enough and able to make a virtual environment.
$(VENV)/.made:
	@old=; for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  if "$$python" -c 'import venv, ensurepip' 2>/dev/null; then \
	    "$$python" -m venv --clear $(VENV) && touch $@ && exit 0; exit 1; \
	  fi; \
	  old=$$("$$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])'); \
	done; \
	if [ -n "$$old" ]; then \
	  echo "这台电脑的 Python 缺少 venv 组件。请执行：sudo apt install $$old，然后再试一次。" >&2; \
	  echo "Python lacks its venv module here. Run: sudo apt install $$old" >&2; \
	else \
	  echo "没有找到 Python 3.11 或更高版本。请先安装，例如：sudo apt install python3 python3-venv（Debian 12、Ubuntu 24.04 及以上），macOS 用 brew install python@3.13。" >&2; \
	  echo "No Python 3.11 or newer was found. Install one, e.g.: sudo apt install python3 python3-venv" >&2; \
	fi; exit 1
