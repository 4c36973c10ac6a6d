using System.Management.Automation;
using LinuxP2V.Cmdlets.Tests.Support;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.Local;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Tests;

public sealed class TaskTests : IDisposable
{
    private readonly TestShell shell = new();

    public void Dispose() => shell.Dispose();

    [Fact]
    public void WithoutAServerSaysHowToConnect()
    {
        var error = shell.Run($"Get-P2VSource web01 {TestShell.Login} | New-P2VTask").Error("ServerNotConnected");
        Assert.Contains("Connect-P2VServer", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void ConnectHandsOnItsOptionsAndTheLastServerIsTheDefault()
    {
        var server = shell
            .Run("$null = Connect-P2VServer -LocalPath /one; Connect-P2VServer -LocalPath /two -Accelerator Tcg -DiskImageFormat Raw")
            .Single<P2VServer>();
        Assert.Equal(("two", "Local", "/two", true), (server.Name, server.Kind, server.Address, server.IsConnected));
        Assert.Equal(
            (LocalAccelerator.Tcg, DiskImageFormat.Raw),
            (shell.Engine.LocalOptions!.Accelerator, shell.Engine.LocalOptions.ImageFormat)
        );

        var task = shell.Run($"Get-P2VSource web01 {TestShell.Login} | New-P2VTask").Single<P2VTask>();
        Assert.Equal("/two", task.Destination);
        Assert.Equal("/one", shell.Run($"Get-P2VSource web01 {TestShell.Login} | New-P2VTask -Server one").Single<P2VTask>().Destination);
        shell.Run("Disconnect-P2VServer *");
        Assert.Empty(shell.Session.Servers.All);
    }

    [Fact]
    public void EverySettingReachesThePlanner()
    {
        shell.PrepareTask();
        var result = shell.Run(
            $"Get-P2VSource web01 {TestShell.Login} | New-P2VTask -Name vm1 -NumCpu 4 -MemoryGB 2.5 -DiskStorageFormat EagerZeroedThick "
                + "-DiskController Nvme -NetworkAdapterType E1000e -NetworkName a, b -ExcludeVolume /scratch -IncludeVolume /bay "
                + "-ExcludePath /var/cache "
                + "-VolumeSize @{ '/' = 40; '/var' = '12.5' } -LvmMode Basic -HelperIPAddress 192.0.2.9/24 "
                + "-HelperGateway 192.0.2.1 -HelperDns 192.0.2.2 "
                + "-StreamCount 3 -Compression Gzip -BandwidthLimitMbps 12.5 -LowImpact -Snapshot -CopyMode File "
                + "-SkipReconfiguration -PowerOn -VMHost esx01 -Datastore ds1 -ResourcePool pool -InventoryLocation folder -Notes hello"
        );
        Assert.Empty(result.Errors);
        var settings = shell.Engine.PlannedWith!;
        Assert.Equal(("vm1", 4, (long)(2.5 * Samples.GB)), (settings.Name, settings.NumCpu, settings.MemoryBytes));
        Assert.Equal(DiskFormat.EagerZeroedThick, settings.DiskFormat);
        Assert.Equal(LinuxP2V.Protocol.Layout.DiskController.Nvme, settings.DiskController);
        Assert.Equal(AdapterKind.E1000e, settings.AdapterKind);
        Assert.Equal(["a", "b"], settings.NetworkNames);
        Assert.Equal(["/scratch"], settings.ExcludeVolumes);
        Assert.Equal(["/bay"], settings.IncludeVolumes);
        Assert.Equal(["/var/cache"], settings.ExcludePaths);
        Assert.Equal(40 * Samples.GB, settings.VolumeSizes["/"]);
        Assert.Equal((long)(12.5 * Samples.GB), settings.VolumeSizes["/var"]);
        Assert.Equal(LvmMode.Basic, settings.LvmMode);
        Assert.Equal(["192.0.2.9/24"], settings.HelperNetwork.Addresses);
        Assert.Equal(["192.0.2.1"], settings.HelperNetwork.Gateways);
        Assert.Equal(["192.0.2.2"], settings.HelperNetwork.DnsServers);
        Assert.Equal(
            new CopyOptions
            {
                StreamCount = 3,
                Compression = CopyCompression.Gzip,
                BandwidthLimitMbps = 12.5,
                LowImpact = true,
                Snapshot = true,
                Mode = CopyMode.File,
            },
            settings.Copy
        );
        var task = result.Single<P2VTask>();
        Assert.Equal(
            (3, P2VCompression.Gzip, 12.5, true, true, P2VCopyMode.File),
            (task.StreamCount, task.Compression, task.BandwidthLimitMbps, task.LowImpact, task.Snapshot, task.CopyMode)
        );
        Assert.True(settings.SkipReconfiguration && settings.PowerOn);
        Assert.Equal(
            ("esx01", "ds1", "pool", "folder"),
            (settings.Placement.VMHost, settings.Placement.Datastore, settings.Placement.ResourcePool, settings.Placement.InventoryLocation)
        );
        Assert.Equal("hello", settings.Notes);
    }

    [Fact]
    public void NetworksAndAddressesByAdapterReachThePlannerAndSetReplacesThem()
    {
        shell.PrepareTask();
        var result = shell.Run(
            $"$global:task = Get-P2VSource web01 {TestShell.Login} | New-P2VTask "
                + "-NetworkMapping @{ eth0 = 'VM Network'; eth1 = 'Backup' } "
                + "-IPAddress @{ eth0 = '192.0.2.10/24', '2001:db8::10/64'; eth1 = 'dhcp' } -Gateway 192.0.2.1, fe80::1 "
                + "-DnsServer 192.0.2.53; $task"
        );
        Assert.Empty(result.Errors);
        var settings = shell.Engine.PlannedWith!;
        Assert.Equal(("VM Network", "Backup"), (settings.NetworkMappings["eth0"], settings.NetworkMappings["eth1"]));
        Assert.Equal(["192.0.2.10/24", "2001:db8::10/64"], settings.GuestNetwork.Addresses["eth0"]);
        Assert.Equal(["dhcp"], settings.GuestNetwork.Addresses["eth1"]);
        Assert.Equal(["192.0.2.1", "fe80::1"], settings.GuestNetwork.Gateways);
        Assert.Equal(["192.0.2.53"], settings.GuestNetwork.DnsServers);

        // Names take the place of a mapping, and the other way round; what is not given stays.
        Assert.Empty(shell.Run("$task | Set-P2VTask -NetworkName a").Errors);
        settings = shell.Engine.PlannedWith!;
        Assert.Equal((1, 0, 2), (settings.NetworkNames.Count, settings.NetworkMappings.Count, settings.GuestNetwork.Addresses.Count));
        Assert.Empty(
            shell.Run("$task | Set-P2VTask -NetworkMapping @{ eth0 = 'b' } -IPAddress $null -Gateway $null -DnsServer @()").Errors
        );
        settings = shell.Engine.PlannedWith!;
        Assert.Equal((0, 1, 0), (settings.NetworkNames.Count, settings.NetworkMappings.Count, settings.GuestNetwork.Addresses.Count));
        Assert.Empty(settings.GuestNetwork.Gateways.Concat(settings.GuestNetwork.DnsServers));
    }

    [Fact]
    public void AddressesOfARowHaveColumnsOfTheirOwn()
    {
        shell.PrepareTask();
        var result = shell.Run(
            "[pscustomobject] @{ IPAddress = 'web01'; GuestIPAddress = 'eth0=192.0.2.10/24,2001:db8::10/64;eth1=dhcp'; "
                + "GuestGateway = '192.0.2.1'; NetworkMapping = 'eth0=VM Network;eth1=a=b' } | "
                + $"Get-P2VSource {TestShell.Login} | New-P2VTask"
        );
        Assert.Empty(result.Errors);
        Assert.Equal("web01", result.Single<P2VTask>().Source);
        var settings = shell.Engine.PlannedWith!;
        Assert.Equal(["192.0.2.10/24", "2001:db8::10/64"], settings.GuestNetwork.Addresses["eth0"]);
        Assert.Equal(["192.0.2.1"], settings.GuestNetwork.Gateways);
        Assert.Equal("a=b", settings.NetworkMappings["eth1"]);
    }

    [Theory]
    [InlineData("-NetworkMapping @{ eth0 = '' }")]
    [InlineData("-NetworkMapping @{ eth0 = 'a', 'b' }")]
    [InlineData("-NetworkMapping 'VM Network'")]
    [InlineData("-IPAddress 192.0.2.10/24")]
    [InlineData("-Gateway router")]
    public void ATableByAdapterThatCannotBeReadIsRefused(string parameter)
    {
        shell.PrepareTask();
        Assert.Contains(
            "Argument",
            Assert.Single(shell.Run($"Get-P2VSource web01 {TestShell.Login} | New-P2VTask {parameter}").Errors).FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("-StreamCount 0")]
    [InlineData("-StreamCount 17")]
    [InlineData("-BandwidthLimitMbps -1")]
    [InlineData("-BandwidthLimitMbps 0.001")]
    [InlineData("-BandwidthLimitMbps NaN")]
    [InlineData("-BandwidthLimitMbps 1000001")]
    [InlineData("-Compression Lz4")]
    [InlineData("-CopyMode Fast")]
    public void ACopyThatCannotBeIsRefused(string parameter)
    {
        shell.PrepareTask();
        Assert.Contains(
            "Argument",
            Assert.Single(shell.Run($"Get-P2VSource web01 {TestShell.Login} | New-P2VTask {parameter}").Errors).FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void ThePlanTellsHowItIsCopied()
    {
        shell.PrepareTask();
        var result = shell.Run(
            $"Get-P2VSource web01 {TestShell.Login} | New-P2VTask -CopyMode Block "
                + "-Snapshot -BandwidthLimitMbps 100 | Start-P2VConversion -WhatIf"
        );
        Assert.Contains(
            "copied by used blocks, from snapshots on the source, with 100 Mbit/s at most",
            string.Join('\n', result.HostLines),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void WhatIfPrintsThePlanAndStartsNothing()
    {
        shell.PrepareTask();
        var result = shell.Run("$task | Start-P2VConversion -WhatIf");
        Assert.Empty(result.Output);
        Assert.Empty(shell.Engine.Manager.List());
        var text = string.Join('\n', result.HostLines);
        Assert.Contains("Convert web01 (Debian GNU/Linux 12) to the VM 'web01-vm' in /vms", text, StringComparison.Ordinal);
        Assert.Contains("disk 0: 20 GB Thin, Pvscsi, Mbr", text, StringComparison.Ordinal);
        Assert.Contains("partition 1: 20 GB, ext4 /", text, StringComparison.Ordinal);
        Assert.Contains("/: ext4, 20 GB, 3 GB used, from /dev/sda1 to disk 0 partition 1", text, StringComparison.Ordinal);
        Assert.Contains("not copied: /srv (network file system (nfs4))", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ATaskSurvivesClixmlAndHoldsNoSecret()
    {
        shell.PrepareTask();
        var xml = shell.Run("[System.Management.Automation.PSSerializer]::Serialize($task, 2)").Single<string>();
        Assert.DoesNotContain("geheim", xml, StringComparison.Ordinal);

        var back = PSSerializer.Deserialize(xml);
        Assert.Equal("web01-vm", ((PSObject)back).Properties["Name"].Value);
        shell.Run("$back | Start-P2VConversion", ("back", back)).Error("SourceCredentialRequired");
        var started = shell.Run($"$back | Start-P2VConversion {TestShell.Login}", ("back", back)).Single<P2VConversion>();
        Assert.Equal("web01-vm", started.Name);
        Assert.Equal("geheim", shell.Engine.Manager.Drives.Single().Secrets!.Password);
        shell.Run("$text = $back | Start-P2VConversion -WhatIf", ("back", back));
        Assert.Contains(shell.HostLines, l => l.Contains("disk 0: 20 GB", StringComparison.Ordinal));
    }

    [Fact]
    public void ATaskSurvivesJson()
    {
        shell.PrepareTask();
        var definition = shell.Run("$task.Definition").Single<string>();
        var plain = new PSObject();
        plain.Properties.Add(new PSNoteProperty("Name", "web01-vm"));
        plain.Properties.Add(new PSNoteProperty("Definition", definition));
        var result = shell.Run($"$plain | Start-P2VConversion {TestShell.Login}", ("plain", plain));
        Assert.Empty(result.Errors);
        Assert.Equal("web01-vm", result.Single<P2VConversion>().Name);
    }

    [Fact]
    public void TestTaskJoinsTheFindingsOfBothSides()
    {
        shell.PrepareTask();
        shell.Engine.Findings = [new Finding(FindingSeverity.Warning, "FromSource", "s", "w", "r")];
        shell.Engine.Destination!.Findings = [new Finding(FindingSeverity.Error, "FromDestination", "d", "w", "r")];
        var result = shell.Run("$task | Test-P2VTask");
        Assert.Equal(["FromDestination", "FromSource"], result.Output.Select(o => ((P2VFinding)o.BaseObject).Id));
        Assert.Matches(@"Source: web01-vm\s[\s\S]+Error\s+FromDestination", shell.Render("$task | Test-P2VTask"));
    }

    [Fact]
    public void ATaskIsTestedWithTheHelperImageThatItWillBeMadeWith()
    {
        shell.PrepareTask();
        Assert.Empty(shell.Run("$task | Test-P2VTask").Errors);
        Assert.Equal(shell.Engine.HelperImage, shell.Engine.TestedWith);
        shell.Run($"$task | Start-P2VConversion -HelperImage /own.iso {TestShell.Login}");
        Assert.Equal("/own.iso", shell.Engine.TestedWith);
        // A module without an image of its own can test all the same.
        shell.Engine.HelperImage = "";
        Assert.Empty(shell.Run("$task | Test-P2VTask").Errors);
        Assert.Null(shell.Engine.TestedWith);
    }

    [Theory]
    [InlineData("Start-P2VConversion")]
    [InlineData("New-P2VHelper")]
    public void AnErrorStopsUnlessItIsForcedAndIsKept(string cmdlet)
    {
        shell.PrepareTask();
        shell.Engine.Findings =
        [
            new Finding(FindingSeverity.Error, "BootFolderEmpty", "/boot", "There is no kernel.", "Install one."),
            new Finding(FindingSeverity.Warning, "FromSource", "s", "w", "r"),
        ];
        shell.Engine.Destination!.Findings =
        [
            new Finding(FindingSeverity.Error, "DestinationFull", "ds1", "There is no room.", "Make some."),
        ];
        var error = shell.Run($"$task | {cmdlet}").Error("TaskHasErrors");
        Assert.Contains(
            "2 errors: BootFolderEmpty: There is no kernel. DestinationFull: There is no room.",
            error.ToString(),
            StringComparison.Ordinal
        );
        Assert.StartsWith("Install one. Make some. ", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(shell.Engine.Manager.List());

        var forced = shell.Run($"$task | {cmdlet} -Force").Single<P2VConversion>();
        Assert.Equal(["BootFolderEmpty", "DestinationFull"], forced.ForcedError.Select(finding => finding.Id));
        Assert.Equal(
            ["There is no kernel.", "There is no room."],
            shell.Run("Get-P2VConversion").Single<P2VConversion>().ForcedError.Select(finding => finding.Description)
        );
    }

    [Fact]
    public void WarningsStopNothingAndWhatIfTellsTheErrors()
    {
        shell.PrepareTask();
        shell.Engine.Findings = [new Finding(FindingSeverity.Warning, "FromSource", "s", "w", "r")];
        Assert.Empty(shell.Run("$task | Start-P2VConversion").Single<P2VConversion>().ForcedError);

        shell.Engine.Findings = [new Finding(FindingSeverity.Error, "BootFolderEmpty", "/boot", "There is no kernel.", "Install one.")];
        var result = shell.Run("$task | Start-P2VConversion -WhatIf");
        Assert.Empty(result.Errors);
        Assert.Contains(
            "error BootFolderEmpty: There is no kernel. Install one.",
            string.Join('\n', result.HostLines),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void ASourceIsTestedForTheServerThatATaskWouldBeFor()
    {
        shell.Run($"$source = Get-P2VSource web01 {TestShell.Login}; $source | Test-P2VSource");
        Assert.Null(shell.Engine.InspectedFor);
        shell.Run("$null = Connect-P2VServer -LocalPath /vms; $source | Test-P2VSource");
        Assert.Equal(new DestinationReference("Local", "/vms"), shell.Engine.InspectedFor);
    }

    [Fact]
    public void StartDrivesToTheEndWithTheSessionsSecrets()
    {
        shell.PrepareTask();
        shell.Run("$task | Start-P2VConversion -ThrottleLimit 7 -HostThrottleLimit 2 -HelperImage /other.iso").Single<P2VConversion>();
        var drive = Assert.Single(shell.Engine.Manager.Drives);
        Assert.Equal(
            ("geheim", new ThrottleLimits(7, 2, 8), ConversionState.Completed, "/other.iso"),
            (drive.Secrets!.Password, drive.Limits, drive.Through, drive.Options.HelperImagePath)
        );
    }

    [Fact]
    public void TaskIsShownAsATable()
    {
        shell.PrepareTask();
        Assert.Matches(@"web01-vm\s+web01\s+/vms\s+2\s+4\s+20", shell.Render("$task"));
        Assert.Matches(@"0\s+20\s+Pvscsi\s+Mbr\s+ext4 /", shell.Render("$task.Disks"));
    }
}
