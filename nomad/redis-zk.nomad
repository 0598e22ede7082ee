# A whole cluster: three nodes, three sentinels, two watchers. Nomad 1.5 or later with the Docker driver; it needs no Consul.
#
#   1. Say where your ZooKeeper is and where the images are, below or with -var.
#   2. Write a password into a file, one line, and put it where the templates look for it:
#        nomad var put nomad/jobs/redis-zk redis_password=@FILE
#   3. nomad job run -var zk_hosts=10.0.0.1:2181 redis-zk.nomad
#
# Ports are those that Nomad gives, on the network of the host. Who is master is no check: it is no fault to be a replica. So no
# service of Nomad follows the master; clients ask a sentinel, or http://<watcher>/master.json.
variable "zk_hosts" {
  description = "The ZooKeeper servers, separated by commas; may end in a chroot."
  default     = "zookeeper:2181"
}

variable "registry" {
  description = "What stands before the names of the images, with a slash at its end."
  default     = ""
}

variable "tag" {
  default = "0.1.0"
}

job "redis-zk" {
  datacenters = ["*"]
  type        = "service"

  # One node after the other, and each has to be ready: in sync, and so for long enough that the sentinels know it. Groups are updated
  # side by side, so one sentinel and one watcher may be away at the same time.
  update {
    max_parallel      = 1
    health_check      = "checks"
    min_healthy_time  = "15s"
    healthy_deadline  = "5m"
    progress_deadline = "10m"
    auto_revert       = true
  }

  # The same when a machine is drained.
  migrate {
    max_parallel     = 1
    health_check     = "checks"
    min_healthy_time = "15s"
    healthy_deadline = "5m"
  }

  group "nodes" {
    count = 3

    # Two nodes on one machine are lost together.
    constraint {
      operator = "distinct_hosts"
      value    = "true"
    }

    network {
      port "redis" {}
      port "http_api" {}
    }

    # Starts again where its data are, for ever. Status 2 (wrong configuration) is started again too.
    restart {
      attempts = 10
      interval = "5m"
      delay    = "5s"
      mode     = "delay"
    }

    # The data follow an allocation if they can; a node that comes back empty copies from the master. Data that have to
    # outlive all allocations at once need a volume of the host, mounted at DATA_DIR.
    ephemeral_disk {
      sticky  = true
      migrate = true
      size    = 10240
    }

    service {
      name     = "redis-node"
      provider = "nomad"
      port     = "redis"

      check {
        name     = "alive"
        type     = "http"
        port     = "http_api"
        path     = "/liveness"
        interval = "5s"
        timeout  = "4s"

        check_restart {
          limit = 3
          grace = "2m"
        }
      }

      # No reason to restart: what an update waits for.
      check {
        name     = "ready"
        type     = "http"
        port     = "http_api"
        path     = "/readiness"
        interval = "2s"
        timeout  = "2s"
      }
    }

    task "redis-wrapper" {
      driver = "docker"
      user   = "10001:10001"

      # SIGTERM makes a master hand over and stop, in STOP_TIMEOUT (10 s) altogether. Clients of Nomad allow up to 30 s, unless
      # their max_kill_timeout says otherwise.
      kill_signal  = "SIGTERM"
      kill_timeout = "25s"

      config {
        image           = "${var.registry}redis-zk/redis-wrapper:${var.tag}"
        network_mode    = "host"
        readonly_rootfs = true
        cap_drop        = ["ALL"]
        security_opt    = ["no-new-privileges"]

        mount {
          type   = "tmpfs"
          target = "/run/redis-zk"
        }
      }

      env {
        ZK_HOSTS            = "${var.zk_hosts}"
        ZK_ROOT             = "/redis"
        BIND_IP             = "${NOMAD_IP_redis}"
        PORT0               = "${NOMAD_PORT_redis}"
        HTTP_PORT           = "${NOMAD_PORT_http_api}"
        REDIS_CONF          = "/etc/redis-zk/redis.conf"
        REDIS_PASSWORD_FILE = "/secrets/redis-password"
        DATA_DIR            = "/alloc/data"
        RUN_DIR             = "/run/redis-zk"
      }

      # A password that is changed reaches a running redis only with a restart, and "restart" would be one of all nodes at once.
      template {
        data        = "{{ with nomadVar \"nomad/jobs/redis-zk\" }}{{ .redis_password }}{{ end }}"
        destination = "secrets/redis-password"
        change_mode = "noop"
        perms       = "600"
        uid         = 10001
        gid         = 10001
      }

      # maxmemory of redis.conf has to leave room in this for a fork and for buffers.
      resources {
        cpu    = 500
        memory = 1024
      }
    }
  }

  group "sentinels" {
    count = 3

    constraint {
      operator = "distinct_hosts"
      value    = "true"
    }

    network {
      port "sentinel" {}
      port "http_api" {}
    }

    restart {
      attempts = 10
      interval = "5m"
      delay    = "5s"
      mode     = "delay"
    }

    service {
      name     = "redis-sentinel"
      provider = "nomad"
      port     = "sentinel"

      check {
        name     = "alive"
        type     = "http"
        port     = "http_api"
        path     = "/liveness"
        interval = "5s"
        timeout  = "4s"

        check_restart {
          limit = 3
          grace = "30s"
        }
      }

      check {
        name     = "ready"
        type     = "http"
        port     = "http_api"
        path     = "/readiness"
        interval = "2s"
        timeout  = "2s"
      }
    }

    task "sentinel-wrapper" {
      driver = "docker"
      user   = "10001:10001"

      # On SIGTERM it leaves the list of sentinels, goes on for DRAIN, and has STOP_TIMEOUT (10 s) to stop.
      kill_signal  = "SIGTERM"
      kill_timeout = "25s"

      config {
        image           = "${var.registry}redis-zk/sentinel-wrapper:${var.tag}"
        network_mode    = "host"
        readonly_rootfs = true
        cap_drop        = ["ALL"]
        security_opt    = ["no-new-privileges"]

        mount {
          type   = "tmpfs"
          target = "/run/redis-zk"
        }
      }

      env {
        ZK_HOSTS            = "${var.zk_hosts}"
        ZK_ROOT             = "/redis"
        BIND_IP             = "${NOMAD_IP_sentinel}"
        PORT0               = "${NOMAD_PORT_sentinel}"
        HTTP_PORT           = "${NOMAD_PORT_http_api}"
        SENTINEL_CONF       = "/etc/redis-zk/sentinel.conf"
        SENTINEL_QUORUM     = "2"
        MASTER_TIMEOUT      = "0"
        DRAIN               = "5s"
        REDIS_PASSWORD_FILE = "/secrets/redis-password"
        RUN_DIR             = "/run/redis-zk"
      }

      template {
        data        = "{{ with nomadVar \"nomad/jobs/redis-zk\" }}{{ .redis_password }}{{ end }}"
        destination = "secrets/redis-password"
        change_mode = "noop"
        perms       = "600"
        uid         = 10001
        gid         = 10001
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }

  group "watchers" {
    count = 2

    constraint {
      operator = "distinct_hosts"
      value    = "true"
    }

    # The service is taken away first, and SIGTERM comes so much later: clients over HTTP notice in between.
    shutdown_delay = "5s"

    network {
      port "http_api" {}
    }

    restart {
      attempts = 10
      interval = "5m"
      delay    = "5s"
      mode     = "delay"
    }

    service {
      name     = "redis-watcher"
      provider = "nomad"
      port     = "http_api"

      check {
        name     = "alive"
        type     = "http"
        port     = "http_api"
        path     = "/liveness"
        interval = "5s"
        timeout  = "4s"

        check_restart {
          limit = 3
          grace = "30s"
        }
      }

      check {
        name     = "ready"
        type     = "http"
        port     = "http_api"
        path     = "/readiness"
        interval = "2s"
        timeout  = "2s"
      }
    }

    task "watcher" {
      driver = "docker"
      user   = "10001:10001"

      # More than HOOK_TIMEOUT (10 s), if you use ON_EVENT.
      kill_signal  = "SIGTERM"
      kill_timeout = "25s"

      config {
        image           = "${var.registry}redis-zk/watcher:${var.tag}"
        network_mode    = "host"
        readonly_rootfs = true
        cap_drop        = ["ALL"]
        security_opt    = ["no-new-privileges"]
      }

      env {
        ZK_HOSTS            = "${var.zk_hosts}"
        ZK_ROOT             = "/redis"
        BIND_IP             = "${NOMAD_IP_http_api}"
        PORT0               = "${NOMAD_PORT_http_api}"
        REDIS_PASSWORD_FILE = "/secrets/redis-password"
      }

      template {
        data        = "{{ with nomadVar \"nomad/jobs/redis-zk\" }}{{ .redis_password }}{{ end }}"
        destination = "secrets/redis-password"
        change_mode = "noop"
        perms       = "600"
        uid         = 10001
        gid         = 10001
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
