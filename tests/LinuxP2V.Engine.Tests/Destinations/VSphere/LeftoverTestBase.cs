using LinuxP2V.Engine.Destinations.VSphere.Images;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>A vCenter, and what is on it that a deployment may have left.</summary>
public abstract class LeftoverTestBase : IDisposable
{
    private protected SimulatorFixture Server { get; } = SimulatorFixture.VCenter();

    /// <summary>The helper image's file.</summary>
    private protected string Image { get; } = Path.GetTempFileName();

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        File.Delete(Image);
        Server.Dispose();
    }

    private protected static async Task<IReadOnlyList<string>> MachinesAsync(VimClient admin)
    {
        var found = await admin.Properties.ReadTreeAsync(
            admin.Content.RootFolder,
            new Dictionary<string, string[]> { ["VirtualMachine"] = ["name"] },
            CancellationToken.None
        );
        return [.. found.Select(machine => machine["name"]!.Value).Order()];
    }

    private protected static async Task<IReadOnlyList<string>> HalfImagesAsync(VimClient admin)
    {
        var stores = await admin.Properties.ReadTreeAsync(
            admin.Content.RootFolder,
            new Dictionary<string, string[]> { ["Datastore"] = ["name", "browser"] },
            CancellationToken.None
        );
        var files = new List<string>();
        foreach (var store in stores)
        {
            try
            {
                var search = VimData.Of("HostDatastoreBrowserSearchSpec", ("matchPattern", "*"));
                var result = await admin.Tasks.RunAsync(
                    "SearchDatastore_Task",
                    store["browser"].AsReference()!.Value,
                    [("datastorePath", $"[{store["name"]!.Value}] {HelperImageName.Folder}"), ("searchSpec", search)],
                    CancellationToken.None
                );
                files.AddRange(result.Children("file").Select(file => file.Text("path") ?? ""));
            }
            catch (VimFaultException fault) when (fault.Is("FileNotFound")) { }
        }

        return [.. files.Where(file => !file.EndsWith(".iso", StringComparison.Ordinal))];
    }
}
