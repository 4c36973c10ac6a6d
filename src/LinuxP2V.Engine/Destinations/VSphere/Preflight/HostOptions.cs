using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Machines;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Preflight;

/// <summary>What VMs of a host may have.</summary>
/// <param name="GuestId">The best name of the operating system that the host knows.</param>
/// <param name="Guest">What the host says of that system; null when it says nothing.</param>
/// <param name="Hardware">Limits; null when the host says nothing.</param>
internal sealed record HostOptions(string GuestId, XElement? Guest, XElement? Hardware)
{
    /// <exception cref="VimFaultException">The hardware version is not known there.</exception>
    public static async Task<HostOptions> QueryAsync(
        VimClient client,
        MachinePlacement placement,
        MachineSpecification machine,
        CancellationToken cancellationToken
    )
    {
        var candidates = GuestIds.Candidates(machine.OperatingSystemId, machine.OperatingSystemVersion);
        if (placement.EnvironmentBrowser is not { } browser)
            return new HostOptions(GuestIds.Last, null, null);

        // Asked for one system, the server answers with that one, or with all if it does not know it.
        var query = VimData.Of(
            "EnvironmentBrowserConfigOptionQuerySpec",
            ("key", machine.HardwareVersion),
            ("host", placement.IsHostOpen ? null : placement.Host.Object),
            ("guestId", candidates[0])
        );
        var response = await client.CallAsync("QueryConfigOptionEx", browser, [("spec", query)], cancellationToken).ConfigureAwait(false);
        var option = response.Child("returnval");
        var known = option
            .Children("guestOSDescriptor")
            .GroupBy(guest => guest.Text("id") ?? "")
            .ToDictionary(same => same.Key, same => same.First());
        var best = candidates.FirstOrDefault(known.ContainsKey) ?? GuestIds.Last;
        return new HostOptions(best, known.TryGetValue(best, out var descriptor) ? descriptor : null, option.Child("hardwareOptions"));
    }
}
