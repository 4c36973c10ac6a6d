using System.Diagnostics;
using LinuxP2V.Guest.CommandLine;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Guest.Tests.Support;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Tests.Shared.Layouts;

namespace LinuxP2V.Guest.Tests.CommandLine;

/// <summary>/etc/default/grub is a program of the shell, and stays one.</summary>
public sealed class ShellDefaultsTests
{
    [Theory]
    [InlineData("GRUB_CMDLINE_LINUX=rd.md.uuid=a:b", "GRUB_CMDLINE_LINUX=")]
    [InlineData("GRUB_CMDLINE_LINUX=quiet\\ rd.md.uuid=a:b", "GRUB_CMDLINE_LINUX=quiet")]
    [InlineData("GRUB_CMDLINE_LINUX=\"a \\\n rd.md.uuid=a:b \\\n b\"", "GRUB_CMDLINE_LINUX=\"a \\\n \\\n b\"")]
    [InlineData("GRUB_CMDLINE_LINUX=\"a\nrd.md.uuid=a:b\nb\"", "GRUB_CMDLINE_LINUX=\"a\nb\"")]
    [InlineData("GRUB_CMDLINE_LINUX='rd.md.uuid=x 'quiet\" resume=/dev/sdb1\"", "GRUB_CMDLINE_LINUX=''quiet\"\"")]
    [InlineData("GRUB_CMDLINE_LINUX='a rd.md.'uuid=x\" b\"", "GRUB_CMDLINE_LINUX=\"a b\"")]
    [InlineData("GRUB_CMDLINE_LINUX+=\" rd.md.uuid=a:b quiet\"", "GRUB_CMDLINE_LINUX+=\" quiet\"")]
    [InlineData("export GRUB_CMDLINE_LINUX='rd.md.uuid=a:b'", "export GRUB_CMDLINE_LINUX=''")]
    [InlineData("A=1 ; GRUB_CMDLINE_LINUX=\"rd.md.uuid=x\" # y", "A=1 ; GRUB_CMDLINE_LINUX=\"\" # y")]
    [InlineData("if [ -e /x ]; then GRUB_CMDLINE_LINUX=\"rd.md.uuid=x\"; fi", "if [ -e /x ]; then GRUB_CMDLINE_LINUX=\"\"; fi")]
    [InlineData("[ -e /x ] && GRUB_CMDLINE_LINUX=\"rd.md.uuid=x\"", "[ -e /x ] && GRUB_CMDLINE_LINUX=\"\"")]
    [InlineData("case $x in a) GRUB_CMDLINE_LINUX=\"rd.md.uuid=x\" ;; esac", "case $x in a) GRUB_CMDLINE_LINUX=\"\" ;; esac")]
    [InlineData("f() { GRUB_CMDLINE_LINUX=\"rd.md.uuid=x\"; }", "f() { GRUB_CMDLINE_LINUX=\"\"; }")]
    [InlineData("D=/dev/md0\nGRUB_CMDLINE_LINUX=\"root=$D ro\"", $"D=/dev/md0\nGRUB_CMDLINE_LINUX=\"root=UUID={RootUuid} ro\"")]
    [InlineData("GRUB_CMDLINE_LINUX=\"rd.md.uuid=$(mdadm -x) quiet\"", "GRUB_CMDLINE_LINUX=\"quiet\"")]
    [InlineData("GRUB_CMDLINE_LINUX=\"dyndbg=\\\"file a.c +p\\\" rd.md.uuid=x\"", "GRUB_CMDLINE_LINUX=\"dyndbg=\\\"file a.c +p\\\"\"")]
    [InlineData("GRUB_CMDLINE_LINUX='dyndbg=\"file a.c +p\" rd.md.uuid=x'", "GRUB_CMDLINE_LINUX='dyndbg=\"file a.c +p\"'")]
    [InlineData("cat <<END\nGRUB_CMDLINE_LINUX=\"rd.md.uuid=x\"\nEND", null)]
    [InlineData("#GRUB_CMDLINE_LINUX=\"rd.md.uuid=x\"", null)]
    [InlineData("GRUB_TITLE=\"rd.md.uuid=x\"", null)]
    [InlineData("echo GRUB_CMDLINE_LINUX=rd.md.uuid=x", null)]
    [InlineData("GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Ubuntu} ) 2>/dev/null || echo Ubuntu`", null)]
    [InlineData("GRUB_DISABLE_LINUX_UUID=true", "GRUB_DISABLE_LINUX_UUID=false")]
    [InlineData("GRUB_DEVICE_UUID=" + RootUuid, null)]
    public void Words_change_and_nothing_else(string text, string? expected) =>
        Assert.Equal((expected ?? text) + "\n", ShellDefaults.Change(text + "\n", Samples.Devices()).Text.Text);

    [Theory]
    [InlineData("GRUB_CMDLINE_LINUX=\"$(cat /etc/extra)\"")]
    [InlineData(". /etc/extra\nGRUB_CMDLINE_LINUX=\"\"")]
    [InlineData("GRUB_CMDLINE_LINUX=\"${X:-quiet}\"")]
    [InlineData("GRUB_CMDLINE_LINUX=\"quiet")]
    public void What_only_a_shell_can_tell_is_said(string text)
    {
        var change = ShellDefaults.Change(text, Samples.Devices());
        Assert.Single(change.Doubts);
        Assert.Equal(text, change.Text.Text);
    }

    [Theory]
    [InlineData("GRUB_CMDLINE_A=\"rd.md.uuid=1 x\"\n")]
    [InlineData("GRUB_CMDLINE_A=\"${\n")]
    [InlineData("GRUB_CMDLINE_A=\"x$GRUB_CMDLINE_A$GRUB_CMDLINE_A\"\n")]
    [InlineData("$(")]
    [InlineData("<<")]
    [InlineData("'")]
    public void A_text_that_means_harm_ends(string piece)
    {
        var watch = Stopwatch.StartNew();
        ShellDefaults.Change(string.Concat(Enumerable.Repeat(piece, 20_000)), Samples.Devices());
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), watch.Elapsed.ToString());
    }

    /// <summary>The same words as a real shell sees them, before and after.</summary>
    [Theory]
    [InlineData("GRUB_CMDLINE_LINUX='a \"b c\"'\"\\\"d\\$\\\"\"\\ e' rd.md.uuid=x'")]
    [InlineData("A=\"x y\"\nGRUB_CMDLINE_LINUX=\"$A `echo z` ${A}w rd.md.uuid=1 \\\n  last\" # \"rd.md.uuid=2\"")]
    [InlineData("GRUB_CMDLINE_LINUX=one\nGRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX rd.md.uuid=1 it's\"")]
    [InlineData("B=rd.md\nGRUB_CMDLINE_LINUX=\"first \"$B'.uuid=1 second'\" third\"")]
    public async Task A_shell_reads_the_same_words_but_for_those_that_went(string text)
    {
        var before = await SeenByShellAsync(text);
        var after = await SeenByShellAsync(ShellDefaults.Change(text, Samples.Devices()).Text.Text);
        Assert.Contains("rd.md.uuid=1", before.Replace("uuid=x", "uuid=1", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(CommandLineText.Transform(before, Samples.Devices()).Text, string.Join(" ", KernelWord.Split(after)));
    }

    [Fact]
    public void What_a_shell_printed_is_judged_and_overruled()
    {
        var printed = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["GRUB_CMDLINE_LINUX"] = "quiet rd.md.uuid=a:b it's",
            ["GRUB_CMDLINE_LINUX_DEFAULT"] = "splash",
        };
        Assert.Equal("rd.md.uuid=a:b", Assert.Single(ShellDefaults.Wrong(printed, Samples.Devices())).Line);
        Assert.Equal(
            "# linuxp2v: the command line for this machine\nGRUB_CMDLINE_LINUX='quiet it'\\''s'\n",
            ShellDefaults.LastWord(printed, Samples.Devices())
        );
        printed["GRUB_CMDLINE_LINUX"] = "quiet";
        Assert.Null(ShellDefaults.LastWord(printed, Samples.Devices()));
    }

    [Theory]
    [InlineData(
        "for x in ${sysconfdir}/default/grub.d/*.cfg ; do\n",
        "GRUB_CMDLINE_LINUX=\"rd.md.uuid=a:b\"\n",
        "/etc/default/grub.d/zzzz-linuxp2v.cfg"
    )]
    [InlineData("no parts", "GRUB_CMDLINE_LINUX=\"rd.md.uuid=a:b\"\n", "/etc/default/grub")]
    // What only a shell can tell is read by one too.
    [InlineData("no parts", "GRUB_CMDLINE_LINUX=\"$(cat /x)\"\n", "/etc/default/grub")]
    [InlineData("no parts", "GRUB_CMDLINE_LINUX=\"quiet\"\n", null)]
    public void A_shell_of_the_copy_reads_what_was_changed_as_grub_mkconfig_does(string program, string text, string? lastWord)
    {
        var store = GuestFiles.Store(
            ("/usr/sbin/grub-mkconfig", program),
            ("/etc/default/grub", text),
            ("/etc/default/grub.d/50.cfg", "GRUB_TIMEOUT=1\n")
        );
        var target = new GuestTarget(Samples.Server(), new ReconfigureOptions { RunningKernel = "6.1" });
        var read = GuestPlanner.Plan(store, target, ["CommandLine"]).Changes.OfType<GrubDefaultsRead>().SingleOrDefault();
        Assert.Equal(lastWord, read?.LastWord);
        if (read is not null)
            Assert.Equal(
                lastWord == "/etc/default/grub" ? ["/etc/default/grub"] : ["/etc/default/grub", "/etc/default/grub.d/50.cfg"],
                read.Paths
            );
    }

    private static async Task<string> SeenByShellAsync(string script)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var shell = Process.Start(start)!;
        await shell.StandardInput.WriteAsync($"{script}\nprintf '%s' \"$GRUB_CMDLINE_LINUX\"\n");
        shell.StandardInput.Close();
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
        return output;
    }
}
