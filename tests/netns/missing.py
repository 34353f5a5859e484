"""What stands in the way of network namespaces, for tests that are skipped then."""
import os
import subprocess

SKIPPED = 77  # for ctest


def namespaces_missing():
    """The reason, found by trying; None where namespaces, mounts of one's own and TAP devices work."""
    if os.geteuid() != 0 or not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "it needs root and /dev/net/tun"
    tried = subprocess.run(["unshare", "--net", "--mount", "--propagation", "slave", "true"], capture_output=True, text=True,
                           check=False)
    return tried.stderr.strip() if tried.returncode else None
