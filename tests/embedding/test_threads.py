"""One BLAS thread a process, even when nothing has used numpy yet."""

import subprocess
import sys


def test_holds_from_the_start() -> None:
    program = (
        "from embedding.threads import one_blas_thread; one_blas_thread();"
        "from threadpoolctl import threadpool_info;"
        "print([each['num_threads'] for each in threadpool_info() if each['user_api'] == 'blas'])"
    )

    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "[1]"
