import subprocess

subprocess.run("ls " + input(), shell=True)
