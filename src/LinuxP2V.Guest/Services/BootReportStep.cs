using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Services;

/// <summary>
/// For the disposable twin of a rehearsal alone: once it is up, it writes to its second serial port how its boot went. The port
/// is the one way out of a machine without a network and without tools of a hypervisor.
/// </summary>
internal sealed class BootReportStep : IGuestStep
{
    private const string Script = "/etc/linuxp2v-boot-report.sh";
    private const string Unit = "linuxp2v-boot-report.service";
    private const string Start = $"/bin/sh {Script}";
    private const string What = "reports the boot";
    private const string Why = "this is the twin of a rehearsal";

    /// <summary>
    /// Each line begins with its kind. Lines and their lengths are bounded, for a port takes 11,520 bytes a second. systemd says
    /// itself when it is done; elsewhere a login program runs then. What the report says last is its end.
    /// </summary>
    private const string ScriptText = """
        #!/bin/sh
        # Written by LinuxP2V into the twin of a rehearsal, which is deleted afterwards.
        PATH=/usr/sbin:/usr/bin:/sbin:/bin
        LC_ALL=C
        export PATH LC_ALL
        mkdir /dev/linuxp2v-boot-report 2>/dev/null || exit 0
        exec >/dev/ttyS1 2>/dev/null </dev/null
        stty -F /dev/ttyS1 115200 -echo
        lines() { sed -e "s/^\(.\{0,300\}\).*/$1 \1/" -e 100q; }
        echo begin
        state=
        count=0
        while [ $count -lt 600 ]; do
            if [ -d /run/systemd/system ]; then
                state=$(systemctl is-system-running)
                case $state in
                    running | degraded | maintenance) break ;;
                    initializing | starting) ;;
                    *) [ -n "$(systemctl list-jobs | grep -v '^No jobs')" ] || { state=running; break; } ;;
                esac
            elif ps -e | grep -q 'getty\|login'; then
                state=running
                break
            elif ps -e | grep -q sulogin; then
                state=maintenance
                break
            fi
            count=$((count + 1))
            sleep 1
        done
        if [ -d /run/systemd/system ]; then
            systemctl list-units --state=failed --no-legend --no-pager --full | lines unit
        fi
        { dmesg -l emerg,alert,crit,err || dmesg | grep -i 'error\|fail\|panic'; } | lines kernel
        ip -o address show scope global | lines address
        echo "state $state"
        echo end

        """;

    private static readonly string[] Systemd = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];

    private static readonly string[] Targets = ["sysinit.target", "emergency.target", "rescue.target"];

    public string Concern => "BootReport";

    public void Plan(GuestContext context)
    {
        if (!context.Options.ReportsBoot)
            return;

        context.Write(Concern, Script, ScriptText, What, Why, isExecutable: true);
        if (Systemd.Any(context.Files.FileExists))
            PlanSystemd(context);

        if (context.Files.FolderExists("/etc/init") && context.Files.Files("/etc/init", "*.conf").Count > 0)
            context.Write(Concern, "/etc/init/linuxp2v-boot-report.conf", $"start on runlevel [2345]\nexec {Start}\n", What, Why);

        if (context.Files.TryReadText("/etc/inittab") is { } table)
            PlanInittab(context, table);
    }

    /// <summary>Early, so that it runs in the emergency mode too, and tells of it.</summary>
    private void PlanSystemd(GuestContext context)
    {
        var text = $"""
            [Unit]
            Description=Report of this rehearsal's boot
            DefaultDependencies=no
            IgnoreOnIsolate=yes

            [Service]
            ExecStart={Start}

            """;
        context.Write(Concern, $"/etc/systemd/system/{Unit}", text, What, Why);
        foreach (var target in Targets)
            context.Link(Concern, $"/etc/systemd/system/{target}.wants/{Unit}", $"../{Unit}", Why);
    }

    /// <summary>BusyBox knows no runlevels; the first field of others is a name of at most four characters.</summary>
    private void PlanInittab(GuestContext context, string table)
    {
        var isBusyBox = table.Contains("::sysinit:", StringComparison.Ordinal);
        var line = isBusyBox ? $"::once:{Start}" : $"p2vr:2345:once:{Start}";
        var end = table.Length == 0 || table[^1] == '\n' ? "" : "\n";
        context.Write(Concern, "/etc/inittab", $"{table}{end}{line}\n", What, Why);
    }
}
