using System.Globalization;
using System.Text;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Guest.Hooks;

/// <summary>What starts the hooks of the first start, for each kind of system.</summary>
internal static class FirstBootScript
{
    /// <summary>Where what they print is kept in the VM.</summary>
    private const string Log = "/var/log/linuxp2v-first-boot.log";

    /// <summary>Written as text, not as a raw string of a checkout, so that lines end as sh and systemd read them.</summary>
    public static readonly string Unit = Lines(
        "[Unit]",
        "Description=Hooks of LinuxP2V for the first start of this machine",
        "Wants=network-online.target",
        "After=network-online.target local-fs.target",
        $"ConditionPathExists={FirstBootStep.Folder}/run",
        "",
        "[Service]",
        "Type=oneshot",
        $"ExecStart=/bin/sh {FirstBootStep.Folder}/run",
        // Each hook has a limit of its own.
        "TimeoutStartSec=0",
        "",
        "[Install]",
        "WantedBy=multi-user.target"
    );

    public static readonly string OpenRc = Lines(
        "#!/sbin/openrc-run",
        "description=\"Hooks of LinuxP2V for the first start of this machine\"",
        "depend() {",
        "\tneed localmount",
        "\tafter net bootmisc",
        "}",
        "start() {",
        "\tebegin \"Running the hooks of LinuxP2V\"",
        $"\t/bin/sh {FirstBootStep.Folder}/run",
        "\teend $?",
        "}"
    );

    public static readonly string SysV = Lines(
        "#!/bin/sh",
        "### BEGIN INIT INFO",
        $"# Provides:          {FirstBootStep.Service}",
        "# Required-Start:    $remote_fs $network $syslog",
        "# Required-Stop:",
        "# Default-Start:     2 3 4 5",
        "# Default-Stop:",
        "# Short-Description: Hooks of LinuxP2V for the first start of this machine",
        "### END INIT INFO",
        $"case $1 in start) exec /bin/sh {FirstBootStep.Folder}/run ;; esac"
    );

    /// <param name="hooks">With the names of their files.</param>
    /// <param name="files">That go at the end.</param>
    public static string Of(IReadOnlyList<(HookScript Hook, string File)> hooks, IReadOnlyList<string> files)
    {
        var text = new StringBuilder();
        text.Append(
            Lines(
                "#!/bin/sh",
                "# Runs the hooks of LinuxP2V once, at the first start of this machine, and takes itself away.",
                $"exec >>{Log} 2>&1 </dev/null",
                $"chmod 600 {Log}",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH",
                $"cd {FirstBootStep.Folder} || exit 1",
                "status=0",
                "# run FILE SECONDS GOES_ON PROGRAM [ARGUMENT]: a hook that restarts the machine is not run again.",
                "run() {",
                "  file=$1 seconds=$2 goes_on=$3",
                "  shift 3",
                "  [ -f \"$file\" ] && [ \"$status\" = 0 ] || return 0",
                "  mv \"$file\" \"$file.begun\" || return 0",
                "  echo \"$(date) $file begins\"",
                "  if command -v timeout >/dev/null; then timeout \"$seconds\" \"$@\" \"./$file.begun\"; else \"$@\" \"./$file.begun\"; fi",
                "  code=$?",
                "  echo \"$(date) $file ended with $code\"",
                "  if [ \"$code\" != 0 ] && [ \"$goes_on\" = no ]; then status=$code; fi",
                "}"
            )
        );
        foreach (var (hook, file) in hooks)
        {
            string[] words =
            [
                "run",
                file,
                hook.TimeoutSeconds.ToString(CultureInfo.InvariantCulture),
                hook.ContinueOnError ? "yes" : "no",
                .. hook.Interpreter(),
            ];
            text.Append(PosixShell.Join(words)).Append('\n');
        }

        text.Append(Lines($"rm -f {PosixShell.Join([.. files])}", $"rm -rf {FirstBootStep.Folder}", "exit $status"));
        return text.ToString();
    }

    private static string Lines(params string[] lines) => string.Join("\n", lines) + "\n";
}
