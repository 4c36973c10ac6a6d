using System.Management.Automation;
using LinuxP2V.Cmdlets.Tests.Support;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Tests;

public sealed class HookTests : IDisposable
{
    private readonly TestShell shell = new();
    private readonly string folder = Directory.CreateTempSubdirectory("linuxp2v-hook-").FullName;

    public void Dispose()
    {
        shell.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void AHookIsReadFromItsFileAndReachesThePlanner()
    {
        File.WriteAllText(Path.Combine(folder, "install tools.sh"), "\ufeffecho ü\r\nexit 0\r\n");
        shell.PrepareTask();
        var result = shell.Run(
            "$one = New-P2VHook -Path \"$folder/install tools.sh\" -Moment AfterReconfiguration -ContinueOnError -TimeoutSec 30; "
                + "$two = New-P2VHook -Script 'true' -Moment FirstBoot; "
                + $"$global:task = Get-P2VSource web01 {TestShell.Login} | New-P2VTask -Hook $one, $two; $task",
            ("folder", folder)
        );
        Assert.Empty(result.Errors);
        Assert.Equal(
            [
                new HookScript
                {
                    Name = "install-tools",
                    Moment = HookMoment.AfterReconfiguration,
                    Text = "echo ü\nexit 0\n",
                    ContinueOnError = true,
                    TimeoutSeconds = 30,
                },
                new HookScript
                {
                    Name = "FirstBoot",
                    Moment = HookMoment.FirstBoot,
                    Text = "true",
                },
            ],
            shell.Engine.PlannedWith!.Hooks
        );
        Assert.Equal(
            ["install-tools (AfterReconfiguration)", "FirstBoot (FirstBoot)"],
            result.Single<P2VTask>().Hook.Select(hook => $"{hook}")
        );
        Assert.Contains(
            "hook install-tools: in the copy, after it was made bootable",
            string.Join('\n', shell.Run("$task | Start-P2VConversion -WhatIf").HostLines),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void AHookSurvivesAFileAndATaskKeepsItsHooksUntilTheyAreTakenAway()
    {
        shell.PrepareTask();
        var xml = shell
            .Run("[System.Management.Automation.PSSerializer]::Serialize((New-P2VHook -Script 'true' -Moment BeforeCopy -Name a))")
            .Single<string>();
        var back = PSSerializer.Deserialize(xml);
        Assert.Empty(shell.Run("$task | Set-P2VTask -Hook $back", ("back", back)).Errors);
        var hook = Assert.Single(shell.Engine.PlannedWith!.Hooks);
        Assert.Equal(("a", HookMoment.BeforeCopy, 600), (hook.Name, hook.Moment, hook.TimeoutSeconds));
        // A task that is piped fills no parameter by its property.
        Assert.Empty(shell.Run("$task | Set-P2VTask -NumCpu 2").Errors);
        Assert.Single(shell.Engine.PlannedWith!.Hooks);
        Assert.Empty(shell.Run("$task | Set-P2VTask -Hook @()").Errors);
        Assert.Empty(shell.Engine.PlannedWith!.Hooks);
    }

    [Fact]
    public void WhatIsNoHookIsTold()
    {
        shell.PrepareTask();
        shell.Run("New-P2VHook -Path /no/such/file -Moment FirstBoot").Error("FileNotAccessible");
        Assert.Contains(
            "New-P2VHook",
            Assert.Single(shell.Run("$task | Set-P2VTask -Hook ./script.sh").Errors).ToString(),
            StringComparison.Ordinal
        );
    }
}
