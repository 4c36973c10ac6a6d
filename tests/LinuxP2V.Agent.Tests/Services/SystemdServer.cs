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
            name "$1"
            case $verb in
              show)
                for each; do
                  name "$each"
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
        Shell.Run("chmod +x systemctl; : > log", folder);
        server = new TestSshServer(replacedTools: $"mount -t tmpfs none /usr/local/sbin && cp {folder}/systemctl /usr/local/sbin/");
    }

    /// <summary>What was asked of it that changes something.</summary>
    public string[] Log => [.. File.ReadAllLines(Path.Combine(folder, "log"))];

    public void Set(string file, string text = "active") => File.WriteAllText(Path.Combine(folder, file), text + "\n");

    public void Clear(string file) => File.Delete(Path.Combine(folder, file));

    public string StateOf(string unit) => File.ReadAllText(Path.Combine(folder, unit)).Trim();

    public Task<ISource> ConnectAsync(IEventSink sink) => new SshSourceConnector(state).ConnectAsync(server.Access(), sink, default);

    public void Dispose()
    {
        server.Dispose();
        Directory.Delete(folder, recursive: true);
        Directory.Delete(state, recursive: true);
    }
}
