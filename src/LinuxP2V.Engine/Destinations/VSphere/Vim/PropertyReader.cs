using System.Diagnostics;
using System.Xml.Linq;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>Properties of one object as they came; those that it lacks or hides are null.</summary>
internal sealed record ObjectProperties(ManagedObject Object, IReadOnlyDictionary<string, XElement> Values)
{
    public XElement? this[string name] => Values.TryGetValue(name, out var value) ? value : null;
}

/// <summary>Reads properties, however many pages the answer has.</summary>
internal sealed class PropertyReader(VimClient client)
{
    private const int PageSize = 500;

    /// <summary>A vCenter that restarts its service is back within minutes. Its tasks continue at the hosts.</summary>
    public static readonly TimeSpan Outage = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan OutagePause = TimeSpan.FromSeconds(2);

    /// <exception cref="VimFaultException">ManagedObjectNotFound: it is gone.</exception>
    public async Task<ObjectProperties> ReadAsync(ManagedObject item, string[] paths, CancellationToken cancellationToken)
    {
        var found = await ReadAsync([SpecOf(item, paths)], cancellationToken).ConfigureAwait(false);
        return found.Count > 0 ? found[0] : new ObjectProperties(item, new Dictionary<string, XElement>());
    }

    /// <summary>For waiting on something that continues without us: bears ten minutes without an answer.</summary>
    public async Task<ObjectProperties> ReadPatientlyAsync(ManagedObject item, string[] paths, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return await ReadAsync(item, paths, cancellationToken).ConfigureAwait(false);
            }
            catch (VimTransportException exception) when (exception.IsTransient && watch.Elapsed < Outage)
            {
                await Task.Delay(OutagePause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async Task<IReadOnlyList<ObjectProperties>> ReadAsync(IReadOnlyList<XElement> specs, CancellationToken cancellationToken)
    {
        var collector = client.Content.PropertyCollector;
        var response = await client
            .CallAsync(
                "RetrievePropertiesEx",
                collector,
                [("specSet", specs), ("options", VimData.Of("RetrieveOptions", ("maxObjects", PageSize)))],
                cancellationToken
            )
            .ConfigureAwait(false);
        var found = new List<ObjectProperties>(ReadPage(response));
        while (response.Child("returnval").Text("token") is { } token)
        {
            response = await client
                .CallAsync("ContinueRetrievePropertiesEx", collector, [("token", token)], cancellationToken)
                .ConfigureAwait(false);
            found.AddRange(ReadPage(response));
        }

        return found;
    }

    /// <summary>Everything of some types below a folder, by a view that is taken away again.</summary>
    public async Task<IReadOnlyList<ObjectProperties>> ReadTreeAsync(
        ManagedObject root,
        IReadOnlyDictionary<string, string[]> pathsByType,
        CancellationToken cancellationToken
    )
    {
        var view = (
            await client
                .CallAsync(
                    "CreateContainerView",
                    client.Content.ViewManager,
                    [("container", root), ("type", pathsByType.Keys), ("recursive", true)],
                    cancellationToken
                )
                .ConfigureAwait(false)
        )
            .Reference("returnval")!
            .Value;
        try
        {
            var traversal = VimData.Of("TraversalSpec", ("name", "view"), ("type", "ContainerView"), ("path", "view"), ("skip", false));
            var spec = VimData.Of(
                "PropertyFilterSpec",
                (
                    "propSet",
                    pathsByType.Select(pair => VimData.Of("PropertySpec", ("type", pair.Key), ("all", false), ("pathSet", pair.Value)))
                ),
                ("objectSet", VimData.Of("ObjectSpec", ("obj", view), ("skip", true), ("selectSet", traversal)))
            );
            return await ReadAsync([spec], cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await DestroyViewAsync(view).ConfigureAwait(false);
        }
    }

    public static XElement SpecOf(ManagedObject item, IReadOnlyList<string> paths) =>
        VimData.Of(
            "PropertyFilterSpec",
            ("propSet", VimData.Of("PropertySpec", ("type", item.Type), ("all", false), ("pathSet", paths))),
            ("objectSet", VimData.Of("ObjectSpec", ("obj", item), ("skip", false)))
        );

    public static IEnumerable<XElement> Arguments(IReadOnlyList<XElement> specs) =>
        VimData.Field("specSet", specs).Concat(VimData.Field("options", VimData.Of("RetrieveOptions")));

    public static IEnumerable<ObjectProperties> ReadPage(XElement response) =>
        from item in response.Child("returnval").Children("objects")
        let reference = item.Reference("obj")
        where reference is not null
        select new ObjectProperties(
            reference.Value,
            item.Children("propSet")
                .GroupBy(property => property.Text("name") ?? "")
                .ToDictionary(same => same.Key, same => same.First().Child("val")!)
        );

    private async Task DestroyViewAsync(ManagedObject view)
    {
        try
        {
            await client.CallAsync("DestroyView", view, [], CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is VimFaultException or VimTransportException)
        {
            // It ends with the session.
        }
    }
}
