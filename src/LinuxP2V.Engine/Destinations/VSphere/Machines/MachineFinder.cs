using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

internal static class MachineFinder
{
    /// <summary>Whatever bears this name in a folder: VMs are not the only things there.</summary>
    public static async Task<ManagedObject?> FindAsync(VimClient client, ManagedObject folder, string name, CancellationToken cancellationToken)
    {
        var response = await client.CallAsync(
            "FindChild", client.Content.SearchIndex, [("entity", folder), ("name", name)], cancellationToken).ConfigureAwait(false);
        return response.Reference("returnval");
    }
}
