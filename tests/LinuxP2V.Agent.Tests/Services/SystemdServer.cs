using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Tests.Source;

namespace LinuxP2V.Agent.Tests.Services;

/// <summary>A real sshd whose sessions find a systemctl that keeps its units in files.</summary>
internal sealed class SystemdServer : IDisposable
{
    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;
    private readonly string folder = Directory.CreateTempSubdirectory("p2v-units-").FullName;
    private readonly TestSshServer server;

    /// <param name="answers">False for a systemctl on a machine that systemd does not run.</param>
    public SystemdServer(bool answers = true)
    {
        File.WriteAllText(
            Path.Combine(folder, "systemctl"),
            $$"""
            #!/bin/sh
            {{(answers ? "" : "echo 'System has not been booted with systemd as init system (PID 1). Can not operate.' >&2; exit 1")}}
            cd {{folder}}
            name() { case $1 in *.*) unit=$1 ;; *) unit=$1.service ;; esac; [ ! -e "$unit.alias" ] || unit=$(cat "$unit.alias"); }
            verb=$1
            while [ "$1" != -- ]; do shift; done
            shift
            case $1 in *.timer)
              case $verb in
                show) if [ -e "$1" ]; then echo SubState=waiting; else echo SubState=dead; fi ;;
                list-units) for each in $1; do [ ! -e "$each" ] || echo "$each loaded active waiting text"; done ;;
                stop) rm -f -- $1; [ ! -e cut ] || { rm cut; exit 1; } ;;
              esac
              exit ;;
            esac
            name "$1"
            case $verb in
              show)
                for each; do
                  name "$each"
                  # It answers once.
                  if [ -e "$unit.mute" ]; then [ ! -e "$unit.told" ] || exit 1; : > "$unit.told"; fi
                  if [ -e "$unit" ]; then echo "LoadState=loaded"; else echo "LoadState=not-found"; fi
                  echo "ActiveState=$(cat "$unit" 2>/dev/null || echo inactive)"
                  printf 'Id=%s\nRequiredBy=%s\nBoundBy=\nConsistsOf=\nTriggeredBy=%s\n\n' "$unit" \
                "$(cat "$unit.required" 2>/dev/null)" "$(cat "$unit.triggered" 2>/dev/null)"
                done ;;
              stop)
                echo "stop $unit" >> log
                [ ! -e "$unit.stuck" ] || { echo "Job for $unit canceled." >&2; exit 1; }
                for each in "$unit" $(cat "$unit.required" 2>/dev/null); do echo inactive > "$each"; done ;;
              start)
                echo "start $unit" >> log
                [ ! -e "$unit.broken" ] || { echo "Job for $unit failed because the control process exited with error code." >&2; exit 1; }
                echo active > "$unit" ;;
            esac
            """
        );
        File.WriteAllText(
            Path.Combine(folder, "systemd-run"),
            $$"""
            #!/bin/sh
            [ ! -e {{folder}}/no-timers ] || { echo "Unknown option --on-active" >&2; exit 1; }
            while [ "$1" != -- ]; do
              case $1 in
                --unit=*) timer={{folder}}/${1#--unit=}.timer ;;
                --on-active=*) seconds=${1#*=} ;;
              esac
              shift
            done
            shift 4
            owner=$(cat /proc/sys/kernel/random/uuid)
            echo "$owner" > "$timer.owner"
            echo "$*" > "$timer"
            # It ends when its timer is taken away, be it with the folder, or another one has its name.
            owner=$owner setsid sh -c '
              end=$(($(date +%s) + $0)) timer=$1; shift
              is_there() { [ -e "$timer" ] && [ "$(cat "$timer.owner")" = "$owner" ]; }
              while is_there && [ "$(date +%s)" -lt "$end" ]; do sleep 0.2; done
              is_there || exit
              rm "$timer"
              for each; do systemctl start -- "$each"; done' "$seconds" "$timer" "$@" </dev/null >/dev/null 2>&1 &
            """
        );
        Shell.Run("chmod +x systemctl systemd-run; : > log", folder);
        server = new TestSshServer(
            replacedTools: $"mount -t tmpfs none /usr/local/sbin && cp {folder}/systemctl {folder}/systemd-run /usr/local/sbin/"
        );
    }

    /// <summary>What was asked of it that changes something.</summary>
    public string[] Log => [.. File.ReadAllLines(Path.Combine(folder, "log"))];

    /// <summary>Of each timer that waits, the units that it starts.</summary>
    public string[] Timers => [.. Directory.GetFiles(folder, "linuxp2v-*.timer").Select(file => File.ReadAllText(file).Trim())];

    public void Set(string file, string text = "active") => File.WriteAllText(Path.Combine(folder, file), text + "\n");

    public void Clear(string file) => File.Delete(Path.Combine(folder, file));

    public string StateOf(string unit) => File.ReadAllText(Path.Combine(folder, unit)).Trim();

    public Task<ISource> ConnectAsync(IEventSink sink) => new SshSourceConnector(state).ConnectAsync(server.Access(), sink, default);

    /// <summary>The machine is gone, and its connections with it.</summary>
    public void Stop() => server.Stop();

    public void Dispose()
    {
        server.Dispose();
        Directory.Delete(folder, recursive: true);
        Directory.Delete(state, recursive: true);
    }
}
