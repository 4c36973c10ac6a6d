using LinuxP2V.Engine;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Lab.VSphere;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>The helper's ISO lies in a content library: the VM boots from there, and nothing is sent.</summary>
[Trait("Area", "vSphere")]
[Trait("Run", "Full")]
public sealed class LibraryImageTests
{
    private const string ConversionId = "0123456789ab";

    // Half a minute on an idle machine; one that is shared can give QEMU a twentieth of a processor.
    private static readonly TimeSpan BootTimeout = TimeSpan.FromMinutes(20);

    [Fact]
    public async Task A_helper_boots_from_an_item_of_a_content_library()
    {
        var none = CancellationToken.None;
        var folder = await FreshFolder.MakeAsync("e2e-library");
        await using var lab = await VSphereLab.StartAsync(new VSphereLabOptions { Folder = Path.Combine(folder, "vsphere") });
        await lab.Control.AddLibraryItemAsync("Boot", "datastore2", "linuxp2v-helper", EngineRun.HelperImage);
        var admin = lab.UserWith("Administrator");
        var options = new VSphereConnectionOptions
        {
            Address = lab.Address,
            Port = lab.Port,
            UserName = admin.Name,
            Password = admin.Password,
            CertificateThumbprint = lab.ThumbprintSha256,
            HelperTimeout = BootTimeout,
        };
        await using var destination = await VSphereDestination.ConnectAsync(options, NullConsole.Instance, none);
        var machine = new MachineSpecification
        {
            Name = "from-library",
            Firmware = Firmware.Bios,
            NumCpu = 2,
            MemoryBytes = 1L << 30,
            Disks = [new DiskSpecification(1L << 30, new DiskAddress(DiskController.Pvscsi, 0, 0), DiskFormat.Thin)],
            Adapters = [new AdapterSpecification(AdapterKind.Vmxnet3, "VM Network")],
            OperatingSystemId = "debian",
            OperatingSystemVersion = "12",
            Placement = new PlacementSettings
            {
                VMHost = "Cluster1",
                Datastore = "datastore1",
                HelperImageItem = "Boot/linuxp2v-helper",
            },
        };
        var settings = new HelperSettings { ConversionId = ConversionId, AuthorizedKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ00 TEST" };
        Assert.DoesNotContain(
            await destination.TestAsync(machine, EngineRun.HelperImage, none),
            finding => finding.Severity > FindingSeverity.Information
        );

        var made = await destination.CreateAsync(machine, settings, EngineRun.HelperImage, ConversionId, none);
        await destination.PowerOnAsync(made.Id, none);
        var helper = await destination.AttachHelperAsync(made.Id, settings, none);
        Assert.StartsWith("ssh-", helper.HostKey, StringComparison.Ordinal);

        await destination.PowerOffAsync(made.Id, none);
        await destination.DeleteAsync(made.Id, none);
        Assert.Empty(await destination.ListHelperImagesAsync("*", false, none));
        var state = await lab.Control.StateAsync();
        Assert.DoesNotContain("PUT /folder", state.Calls.Keys);
        Assert.Empty(state.Refused);
        // The library keeps its ISO.
        var kept = Assert.Single(Directory.GetFiles(state.Datastore("datastore2").Folder, "*.iso", SearchOption.AllDirectories));
        Assert.Equal(new FileInfo(EngineRun.HelperImage).Length, new FileInfo(kept).Length);
    }
}
