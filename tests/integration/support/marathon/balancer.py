"""What marathon-lb makes of an app's labels, run by a real HAProxy: config() of mesosphere/marathon-lb, marathon_lb.py puts the parts into
this order, for the first port of an app whose health check it takes for one of HTTP. Parts that a label does not replace are its own."""

import subprocess

from support.processes import Process

START = "global\n  maxconn 1000\ndefaults\n  timeout connect 3s\n  timeout client 30s\n  timeout server 30s\n"
APPS_BY_HEADER = "\nfrontend marathon_http_appid_in\n  bind 127.0.0.1:9091\n  mode http\n"

PARTS = {  # in the templates of config.py
    "HTTP_FRONTEND_APPID_ACL": "  acl app hdr(x-marathon-app-id) -i {appId}\n  use_backend {backend} if app\n",
    "FRONTEND_HEAD": "\nfrontend {backend}\n  bind {bindAddr}:{servicePort}{sslCert}{bindOptions}\n  mode {mode}\n",
    "FRONTEND_BACKEND_GLUE": "  use_backend {backend}\n",
    "BACKEND_HEAD": "\nbackend {backend}\n  balance {balance}\n  mode {mode}\n",
    "BACKEND_HTTP_OPTIONS": "  option forwardfor\n",
    "BACKEND_HTTP_HEALTHCHECK_OPTIONS": "  option httpchk GET {healthCheckPath}\n",
}
CHECK = "  check inter {healthCheckIntervalSeconds}s fall 4{healthCheckPortOptions}\n"
SERVER = "  server {serverName} {host_ipv4}:{port} id {serverId}{healthCheckOptions}"


def service_port(definition):
    return definition["portDefinitions"][0]["port"]


def configuration(definition, tasks, host):
    labels, check = definition["labels"], definition["healthChecks"][0]
    values = {"backend": "redis", "appId": definition["id"], "bindAddr": host, "servicePort": service_port(definition), "mode": "http",
              "balance": "roundrobin", "sslCert": "", "bindOptions": "", "healthCheckPath": check["path"],
              "healthCheckIntervalSeconds": check["intervalSeconds"]}
    text = START + APPS_BY_HEADER + "".join(labels.get(f"HAPROXY_0_{name}", part).format(**values) for name, part in PARTS.items())
    for number, task in enumerate(tasks, 1):
        address, port = task.addresses()[0]
        checked = task.host_ports[int(labels.get("HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX", 0))]
        options = labels.get("HAPROXY_0_BACKEND_SERVER_HTTP_HEALTHCHECK_OPTIONS", CHECK)
        text += SERVER.format(serverName=f"task{number}", host_ipv4=address, port=port, serverId=number,
                              healthCheckOptions=options.format(**values, healthCheckPortOptions=f" port {checked}"))
    return text


class Balancer:
    """Listens on the first service port of the app."""

    def __init__(self, workplace, definition, tasks, host):
        self.address, self.process = (host, service_port(definition)), None
        file = workplace.directory / "haproxy.cfg"
        file.write_text(configuration(definition, tasks, host))
        subprocess.run(["haproxy", "-c", "-f", file], check=True, timeout=20)
        self.process = Process("haproxy", ["haproxy", "-db", "-f", file], workplace.directory / "haproxy.log")
        workplace.add(self)

    def remove(self):
        self.process.kill()
