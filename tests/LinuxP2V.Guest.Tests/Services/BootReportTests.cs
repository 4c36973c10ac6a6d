using System.Diagnostics;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Tests.Support;

namespace LinuxP2V.Guest.Tests.Services;

/// <summary>The twin of a rehearsal tells how its boot went, whatever starts its services.</summary>
public sealed class BootReportTests
{
    private const string Script = "/etc/linuxp2v-boot-report.sh";
    private const string Start = "/bin/sh /etc/linuxp2v-boot-report.sh";

    [Fact]
    public void A_copy_that_is_no_twin_reports_nothing() =>
        Assert.Empty(Plan(false, ("/usr/lib/systemd/systemd", "x"), ("/etc/inittab", "")).Changes);

    [Fact]
    public void Systemd_gets_a_unit_that_runs_in_the_emergency_mode_too()
    {
        var plan = Plan(true, ("/usr/lib/systemd/systemd", "x"));
        Assert.Contains($"ExecStart={Start}\n", Text(plan, "/etc/systemd/system/linuxp2v-boot-report.service"));
        Assert.Equal(
            ["emergency", "rescue", "sysinit"],
            plan.Changes.OfType<LinkTo>().Select(link => link.Path.Split('/')[4].Split('.')[0]).Order(StringComparer.Ordinal)
        );
        Assert.True(plan.Changes.OfType<FileText>().Single(file => file.Path == Script).IsExecutable);
    }

    [Theory]
    [InlineData("::sysinit:/sbin/openrc sysinit\n", $"::sysinit:/sbin/openrc sysinit\n::once:{Start}\n")]
    [InlineData("id:2:initdefault:", $"id:2:initdefault:\np2vr:2345:once:{Start}\n")]
    public void An_inittab_gets_a_line_of_its_kind(string before, string after)
    {
        var plan = Plan(true, ("/etc/inittab", before));
        Assert.Equal(after, Text(plan, "/etc/inittab"));
        Assert.Empty(plan.Changes.OfType<LinkTo>());
    }

    [Fact]
    public void Upstart_gets_a_job() =>
        Assert.Equal(
            $"start on runlevel [2345]\nexec {Start}\n",
            Text(Plan(true, ("/etc/init/rc.conf", "x")), "/etc/init/linuxp2v-boot-report.conf")
        );

    /// <summary>On a machine whose programs say what the test has them say, with a file in the place of the port.</summary>
    [Theory]
    [InlineData("degraded")]
    [InlineData("maintenance")]
    public async Task The_script_writes_the_report(string state)
    {
        var folder = Directory.CreateTempSubdirectory("p2v-report").FullName;
        try
        {
            Program("systemctl", $"case $1 in is-system-running) echo {state} ;; *) echo 'a.service loaded failed failed' ;; esac");
            Program("dmesg", "echo oh no");
            Program("ip", "echo '2: eth0 inet 192.0.2.1/24'");
            Program("stty", "");
            Directory.CreateDirectory(Path.Combine(folder, "run"));
            var text = Text(Plan(true), Script)!
                .Replace("PATH=", $"PATH={folder}:", StringComparison.Ordinal)
                .Replace("/dev/", $"{folder}/", StringComparison.Ordinal)
                .Replace($"{folder}/null", "/dev/null", StringComparison.Ordinal)
                .Replace("/run/systemd/system", $"{folder}/run", StringComparison.Ordinal);
            var script = Path.Combine(folder, "report.sh");
            await File.WriteAllTextAsync(script, text);
            using var shell = Process.Start("sh", [script]);
            await shell.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(
                $"begin;unit a.service loaded failed failed;kernel oh no;address 2: eth0 inet 192.0.2.1/24;state {state};end;",
                (await File.ReadAllTextAsync(Path.Combine(folder, "ttyS1"))).Replace('\n', ';')
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        void Program(string name, string body)
        {
            var path = Path.Combine(folder, name);
            File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static string? Text(GuestPlan plan, string path) =>
        plan.Changes.OfType<FileText>().SingleOrDefault(file => file.Path == path)?.Text;

    private static GuestPlan Plan(bool reports, params (string Path, string Text)[] files)
    {
        var target = GuestCase.Run("n13-ok-set", "SELinux").Target;
        var options = target.Options with { ReportsBoot = reports };
        return GuestPlanner.Plan(GuestFiles.Store(files), target with { Options = options }, ["BootReport"]);
    }
}
