"""What does the chart for Kubernetes come to, and does it hang together?

    chart.py RENDERER FOLDER RELEASE [KEY=VALUE ...]

Prints the settings of both planes as JSON. Ends with 1 and the renderer's words where the chart asks for a value.
"""

import json
import subprocess
import sys
from pathlib import Path

import yaml

renderer, folder, release, *given = sys.argv[1:]
chart = yaml.safe_load(Path(folder, "Chart.yaml").read_text())
values = yaml.safe_load(Path(folder, "values.yaml").read_text())
for one in given:
    key, value = one.split("=", 1)
    *path, last = key.split(".")
    place = values
    for step in path:
        place = place[step]
    assert last in place, f"{key} is no value of the chart"
    place[last] = yaml.safe_load(value)
about = {"Values": values, "Chart": {"AppVersion": chart["appVersion"]}, "Release": {"Name": release, "Service": "Helm"}}
rendered = subprocess.run([renderer, folder], input=json.dumps(about), text=True, capture_output=True)
if rendered.returncode != 0:
    sys.exit(rendered.stderr)

found = [one for one in yaml.safe_load_all(rendered.stdout) if one]
by_kind = {}
for one in found:
    assert one["apiVersion"] and one["metadata"]["name"].startswith(release), one
    assert one["metadata"]["labels"]["app.kubernetes.io/instance"] == release, one
    by_kind.setdefault(one["kind"], []).append(one)
assert {kind: len(all_of) for kind, all_of in by_kind.items()} == {"Service": 2, "StatefulSet": 2, "PodDisruptionBudget": 1, "ConfigMap": 1}
settings = by_kind["ConfigMap"][0]

pods = []
for workload in by_kind["StatefulSet"]:
    spec, pod = workload["spec"], workload["spec"]["template"]
    labels = pod["metadata"]["labels"]
    pods.append(labels)
    assert spec["selector"]["matchLabels"].items() <= labels.items(), "a workload does not find its own pods"
    assert spec["serviceName"] in [one["metadata"]["name"] for one in by_kind["Service"]]
    (container,) = pod["spec"]["containers"]
    volumes = [one["name"] for one in pod["spec"]["volumes"]] + [one["metadata"]["name"] for one in spec.get("volumeClaimTemplates", [])]
    mounts = {one["mountPath"]: one["name"] for one in container["volumeMounts"]}
    assert set(mounts.values()) <= set(volumes), f"{mounts} of {volumes}"
    file = Path(container["args"][-1])
    assert mounts[str(file.parent)] == "settings" and file.name in settings["data"], file
    ports = {one["name"] for one in container["ports"]}
    assert {container[probe]["httpGet"]["port"] for probe in ["readinessProbe", "livenessProbe"]} <= ports
    assert container["securityContext"]["readOnlyRootFilesystem"] and pod["spec"]["securityContext"]["runAsNonRoot"]
    assert container["resources"]["limits"]["memory"]
    assert len(pod["metadata"]["annotations"]["checksum/settings"]) == 64
for service in by_kind["Service"] + by_kind["PodDisruptionBudget"]:
    chosen = service["spec"]["selector"]
    chosen = chosen.get("matchLabels", chosen)
    assert sum(chosen.items() <= labels.items() for labels in pods) == 1, f"{chosen} chooses not one kind of pod"
print(json.dumps(settings["data"]))
