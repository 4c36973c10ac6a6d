using LinuxP2V.Engine.Rehearsals;

namespace LinuxP2V.Engine.Tests.Rehearsals;

public sealed class BootReportTests
{
    [Fact]
    public void A_report_tells_state_units_messages_and_addresses()
    {
        var report = BootReport.Read(
            "begin\r\nunit ● nginx.service loaded failed failed A web server\r\nunit   data.mount loaded failed failed /data\r\n"
                + "kernel [    1.2] sd 0:0:0:0: no caching mode page\r\n"
                + "address 2: eth0    inet 10.0.2.15/24 brd 10.0.2.255 scope global eth0\\       valid_lft forever\r\n"
                + "address 2: eth0    inet6 fec0::1/64 scope site\r\nstate degraded\r\nend\r\n"
        );
        Assert.True(report is { HasBegun: true, IsComplete: true, State: "degraded" });
        Assert.Equal(["nginx.service", "data.mount"], report.FailedUnits);
        Assert.Equal(["[    1.2] sd 0:0:0:0: no caching mode page"], report.KernelMessages);
        Assert.Equal(["eth0 10.0.2.15/24", "eth0 fec0::1/64"], report.Addresses);
    }

    [Theory]
    [InlineData("", false, false, null)]
    [InlineData("begin\r\n", true, false, null)]
    [InlineData("begin\r\nstate offline\r\nend\r\n", true, true, null)]
    [InlineData("begin\nstate maintenance\nend\n", true, true, "maintenance")]
    [InlineData("the end\nstate  running", false, false, "running")]
    public void What_is_missing_or_unknown_is_not_told(string text, bool hasBegun, bool isComplete, string? state)
    {
        var report = BootReport.Read(text);
        Assert.Equal((hasBegun, isComplete, state), (report.HasBegun, report.IsComplete, report.State));
    }

    /// <summary>It comes from a guest.</summary>
    [Fact]
    public void Lines_are_bounded_in_number_and_length_and_hold_no_control_characters()
    {
        var report = BootReport.Read(
            string.Concat(Enumerable.Range(0, 5000).Select(n => $"kernel \u001b[31m{n}\u0007{new string('x', 1000)}\n"))
        );
        Assert.Equal(100, report.KernelMessages.Count);
        Assert.All(report.KernelMessages, line => Assert.True(line.Length <= 300 && !line.Any(char.IsControl)));
    }

    [Theory]
    [InlineData("Debian GNU/Linux 12 web01 ttyS0\r\n\r\nweb01 login: ", true)]
    [InlineData("\u001b[0mweb01 login:", true)]
    [InlineData("web01 login: root\r\nroot@web01:~# ", false)]
    [InlineData("failed login:\r\nsomething after it", false)]
    [InlineData("", false)]
    public void A_login_prompt_is_the_last_line(string text, bool isOne) =>
        Assert.Equal(isOne, ConsoleText.HasLoginPrompt(SerialText.Lines(text)));

    [Theory]
    [InlineData("[  1.5] Kernel panic - not syncing: VFS: Unable to mount root fs", true)]
    [InlineData("(initramfs) ", true)]
    [InlineData("grub rescue> ", true)]
    [InlineData("Give root password for maintenance\r\n(or press Control-D to continue): ", true)]
    [InlineData("Booting `Debian GNU/Linux'", false)]
    public void Where_a_boot_stops_is_seen(string text, bool isStop) =>
        Assert.Equal(isStop, ConsoleText.FindStop(SerialText.Lines(text)) is not null);
}
