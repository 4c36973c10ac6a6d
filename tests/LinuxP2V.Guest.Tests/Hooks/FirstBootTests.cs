using System.Diagnostics;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Tests.Hooks;

/// <summary>Scripts for the first start: how each kind of system starts them, and what the service does with them.</summary>
public sealed class FirstBootTests : IDisposable
{
    private const string Place = "/var/lib/linuxp2v/first-boot";
    private const string Unit = "/etc/systemd/system/linuxp2v-first-boot.service";
    private const string Link = "/etc/systemd/system/multi-user.target.wants/linuxp2v-first-boot.service";

    private readonly string folder = Directory.CreateTempSubdirectory("linuxp2v-first-boot-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Systemd_starts_a_unit_and_hooks_are_roots_alone()
    {
        var plan = Plan([Hook("a", "echo ü"), Hook("b", "true")], ("/usr/lib/systemd/systemd", "x"));
        Assert.Equal([$"{Place}/00-a", $"{Place}/01-b", $"{Place}/run", Unit, Link], plan.Changes.Select(change => change.Subject));
        Assert.All(plan.Changes.OfType<FileText>().Take(3), file => Assert.True(file is { IsPrivate: true, IsExecutable: true }));
        // Each byte as a character.
        Assert.Equal("echo Ã¼\n", plan.Changes.OfType<FileText>().First().Text);
        Assert.Contains($"ExecStart=/bin/sh {Place}/run\n", Text(plan, Unit), StringComparison.Ordinal);
        Assert.Equal("../linuxp2v-first-boot.service", Assert.Single(plan.Changes.OfType<LinkTo>()).Target);
        Assert.Empty(plan.Findings);
    }

    [Theory]
    [InlineData("/sbin/openrc-run", "/etc/runlevels/default/sshd", "#!/sbin/openrc-run", "/etc/runlevels/default/linuxp2v-first-boot")]
    [InlineData("/sbin/init", "/etc/rc2.d/S01ssh", "#!/bin/sh", "/etc/rc2.d/S99zz-linuxp2v-first-boot")]
    [InlineData("/sbin/init", "/etc/rc.d/rc3.d/S55sshd", "#!/bin/sh", "/etc/rc.d/rc3.d/S99zz-linuxp2v-first-boot")]
    public void Other_systems_start_a_script(string program, string neighbour, string first, string link)
    {
        var plan = Plan([Hook("a", "true")], (program, "x"), (neighbour, "x"), ("/etc/init.d/ssh", "x"));
        var text = plan.Changes.OfType<FileText>().Single(change => change.Path == "/etc/init.d/linuxp2v-first-boot");
        Assert.StartsWith(first, text.Text, StringComparison.Ordinal);
        Assert.True(text.IsExecutable);
        Assert.Equal(
            ("/etc/init.d/linuxp2v-first-boot", link),
            plan.Changes.OfType<LinkTo>().Select(made => (made.Target, made.Path)).Single()
        );
    }

    [Fact]
    public void A_system_that_is_started_in_another_way_is_refused_before_the_copy()
    {
        var plan = Plan([Hook("a", "true")], ("/sbin/init", "x"), ("/etc/init.d/rc3.d/S01sshd", "x"));
        Assert.Equal("FirstBootNotPossible", Assert.Single(plan.Errors).Id);
        Assert.Empty(plan.Changes);
        Assert.Empty(Plan([Hook("a", "true", HookMoment.AfterReconfiguration)], ("/sbin/init", "x")).Findings);
    }

    [Fact]
    public void Hooks_run_in_their_order_and_all_of_it_is_gone_then()
    {
        var (code, log) = Run(
            Hook("first", "echo one; cat; false") with
            {
                ContinueOnError = true,
            },
            Hook("second", "#!/bin/bash\n[[ $BASH_VERSION ]] && echo two $0"),
            Hook("third", "echo three")
        );
        Assert.Equal(0, code);
        var begun = log.Split('\n').Where(line => line is "one" or "three" or "two ./01-second.begun").ToList();
        Assert.Equal(["one", "two ./01-second.begun", "three"], begun);
        Assert.Contains("00-first ended with 1", log, StringComparison.Ordinal);
        Assert.Equal(["log"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
    }

    [Fact]
    public void One_that_fails_ends_the_row_and_one_that_hangs_is_ended()
    {
        var (code, log) = Run(Hook("hangs", "exec sleep 60") with { TimeoutSeconds = 1 }, Hook("never", "echo never"));
        Assert.Equal(124, code);
        Assert.DoesNotContain("never", log, StringComparison.Ordinal);
        Assert.Equal(["log"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
    }

    [Fact]
    public void With_SELinux_hooks_of_the_helper_have_all_files_labelled()
    {
        var target = GuestCase.Run("n13-ok-set", "SELinux").Target;
        var store = GuestFiles.Store(
            ("/etc/selinux/config", "SELINUX=enforcing\nSELINUXTYPE=targeted\n"),
            ("/etc/selinux/targeted/contexts/files/file_contexts", "x")
        );
        Assert.Equal(["changed files", "/.autorelabel"], Subjects(HookMoment.AfterReconfiguration));
        Assert.Equal(["changed files"], Subjects(HookMoment.FirstBoot));

        IEnumerable<string> Subjects(HookMoment moment) =>
            GuestPlanner
                .Plan(store, target with { Options = target.Options with { Hooks = [Hook("a", "true", moment)] } }, ["SELinux"])
                .Changes.Select(change => change.Subject);
    }

    /// <summary>The service's own script, with its paths led into a folder of the test.</summary>
    private (int Code, string Log) Run(params HookScript[] hooks)
    {
        var plan = Plan(hooks, ("/usr/lib/systemd/systemd", "x"));
        foreach (var change in plan.Changes)
        {
            var path = Path.Combine(folder, change.Subject == Link ? "link" : Path.GetRelativePath(Place, change.Subject));
            path =
                change.Subject == Unit ? Path.Combine(folder, "unit") : path.Replace(folder, folder + "/hooks", StringComparison.Ordinal);
            path = change.Subject == Link ? Path.Combine(folder, "link") : path;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, change is FileText file ? Moved(file.Text) : "");
        }

        using var process = Process.Start("sh", [$"{folder}/hooks/run"]);
        process.WaitForExit();
        return (process.ExitCode, File.ReadAllText($"{folder}/log"));

        string Moved(string text) =>
            text.Replace(Place, $"{folder}/hooks", StringComparison.Ordinal)
                .Replace("/var/log/linuxp2v-first-boot.log", $"{folder}/log", StringComparison.Ordinal)
                .Replace(Link, $"{folder}/link", StringComparison.Ordinal)
                .Replace(Unit, $"{folder}/unit", StringComparison.Ordinal);
    }

    private static HookScript Hook(string name, string text, HookMoment moment = HookMoment.FirstBoot) =>
        new()
        {
            Name = name,
            Moment = moment,
            Text = text + "\n",
        };

    private static string Text(GuestPlan plan, string path) => plan.Changes.OfType<FileText>().Single(change => change.Path == path).Text;

    private static GuestPlan Plan(HookScript[] hooks, params (string Path, string Text)[] files)
    {
        var target = GuestCase.Run("n13-ok-set", "SELinux").Target;
        return GuestPlanner.Plan(GuestFiles.Store(files), target with { Options = target.Options with { Hooks = hooks } }, ["Hooks"]);
    }
}
