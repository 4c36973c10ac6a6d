using System.Text.Json;
using LinuxP2V.Engine.Planning;
using LinuxP2V.Engine.Reconfiguration;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Engine.Tests.Tasks.SampleSources;

namespace LinuxP2V.Engine.Tests.Tasks;

/// <summary>Which scripts a task takes, and what is told of them.</summary>
public sealed class HookPlanTests
{
    private static readonly HookScript Hook = new()
    {
        Name = "a",
        Moment = HookMoment.AfterReconfiguration,
        Text = "true\n",
    };

    [Fact]
    public void Each_is_told_and_those_of_the_copy_reach_the_helper()
    {
        HookScript[] hooks = [Hook with { Moment = HookMoment.BeforeCopy }, Hook, Hook with { Moment = HookMoment.FirstBoot }];
        var settings = new TaskSettings { Hooks = hooks };
        var told = ConversionPlanner.Check(TwoDiskLvm().Build(), settings, VSphere).Where(finding => finding.Id == "HookRuns").ToList();
        Assert.Equal(3, told.Count);
        Assert.All(told, finding => Assert.Equal((FindingSeverity.Information, "a"), (finding.Severity, finding.Subject)));
        Assert.Contains("on the source before the first pass", told[0].What, StringComparison.Ordinal);
        Assert.Contains("confined, without a network", told[1].What, StringComparison.Ordinal);
        Assert.Contains("once in the VM", told[2].What, StringComparison.Ordinal);

        var task = TaskJson.Deserialize(TaskJson.Serialize(Plan(TwoDiskLvm(), settings)));
        Assert.Equal(hooks, task.Settings.Hooks);
        Assert.Equal(hooks[1..], ReconfigurationInput.Of(task, []).Hooks);
    }

    [Fact]
    public void Hooks_and_addresses_reach_the_helper_by_the_protocol()
    {
        var options = new ReconfigureOptions
        {
            RunningKernel = "6.1",
            Hooks = [Hook with { ContinueOnError = true, TimeoutSeconds = 5 }],
            Addresses =
            [
                new InterfaceAddresses("eth0")
                {
                    Dhcp = true,
                    Addresses = ["2001:db8::10/64"],
                    Gateways = ["fe80::1"],
                    DnsServers = ["2001:db8::53"],
                    Left = ["192.0.2.10"],
                },
            ],
        };
        var json = JsonSerializer.Serialize(options, ProtocolJson.Default.ReconfigureOptions);
        var read = JsonSerializer.Deserialize(json, ProtocolJson.Default.ReconfigureOptions)!;
        Assert.Equal(options.Hooks, read.Hooks);
        Assert.Equal(json, JsonSerializer.Serialize(read, ProtocolJson.Default.ReconfigureOptions));
        Assert.Equal(["192.0.2.10"], Assert.Single(read.Addresses).Left);
        // An older engine says nothing of them.
        read = JsonSerializer.Deserialize("""{"runningKernel":"6.1"}""", ProtocolJson.Default.ReconfigureOptions)!;
        Assert.Empty(read.Hooks);
        Assert.Empty(read.Addresses);
    }

    [Theory]
    [InlineData("../a", "true", 1, "cannot be the name of a hook")]
    [InlineData("", "true", 1, "cannot be the name of a hook")]
    [InlineData("a", " \n", 1, "holds no script")]
    [InlineData("a", "a\0b", 1, "holds no script")]
    [InlineData("a", "true", -1, "has -1 seconds")]
    [InlineData("a", "true", 86401, "has 86401 seconds")]
    public void What_cannot_run_is_refused(string name, string text, int seconds, string message) =>
        Refused(message, Hook with { Name = name, Text = text, TimeoutSeconds = seconds });

    [Fact]
    public void A_long_one_and_two_of_a_name_are_refused()
    {
        Refused("more than 64 KiB", Hook with { Text = new string('x', (64 << 10) + 1) });
        Refused("have the name a", Hook, Hook with { Text = "false" });
        Assert.Contains(
            "does not run",
            PlanFailure(TwoDiskLvm(), new TaskSettings { Hooks = [Hook], SkipReconfiguration = true }).Message,
            StringComparison.Ordinal
        );
        var onSource = Hook with { Moment = HookMoment.BeforeCopy };
        Assert.NotNull(Plan(TwoDiskLvm(), new TaskSettings { Hooks = [onSource], SkipReconfiguration = true }));
    }

    [Theory]
    [InlineData("true", "/bin/sh")]
    [InlineData("#!/bin/bash", "/bin/bash")]
    [InlineData("#! /usr/bin/env  python3 -u \r\nx", "/usr/bin/env", "python3 -u")]
    [InlineData("#!", "/bin/sh")]
    public void The_first_line_names_the_program(string text, params string[] program) =>
        Assert.Equal(program, (Hook with { Text = text }).Interpreter());

    private static void Refused(string message, params HookScript[] hooks)
    {
        var (id, text) = PlanFailure(TwoDiskLvm(), new TaskSettings { Hooks = hooks });
        Assert.Equal(ErrorIds.PlanNotPossible, id);
        Assert.Contains(message, text, StringComparison.Ordinal);
    }
}
