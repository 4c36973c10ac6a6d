using System.Xml.Linq;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>Reads what many callers wait for in one call, and tells each its own.</summary>
internal sealed class SubscriptionReader(VimClient client)
{
    private static readonly Dictionary<string, XElement> Nothing = [];

    /// <exception cref="VimFaultException">The server refuses, which is no caller's own failure.</exception>
    /// <exception cref="VimTransportException">No answer.</exception>
    public async Task ReadAsync(IReadOnlyList<UpdateSubscription> subscriptions, CancellationToken cancellationToken)
    {
        var items = subscriptions.GroupBy(subscription => subscription.Item).ToList();
        if (items.Count == 0)
            return;

        IReadOnlyList<ObjectProperties> found;
        try
        {
            found = await client.Properties.ReadAsync(SpecsOf(subscriptions), cancellationToken).ConfigureAwait(false);
        }
        catch (VimFaultException fault) when (fault.Is("ManagedObjectNotFound"))
        {
            if (items.Count == 1)
            {
                foreach (var subscription in subscriptions)
                    subscription.Fail(fault);

                return;
            }

            // One that is gone fails the call for all: halves find it among a thousand in some twenty calls.
            await ReadAsync([.. items.Take(items.Count / 2).SelectMany(item => item)], cancellationToken).ConfigureAwait(false);
            await ReadAsync([.. items.Skip(items.Count / 2).SelectMany(item => item)], cancellationToken).ConfigureAwait(false);
            return;
        }

        var byItem = new Dictionary<ManagedObject, ObjectProperties>();
        foreach (var properties in found)
            byItem[properties.Object] = properties;

        foreach (var subscription in subscriptions)
        {
            subscription.Tell(
                byItem.TryGetValue(subscription.Item, out var properties) ? properties : new ObjectProperties(subscription.Item, Nothing)
            );
        }
    }

    /// <summary>One for each type: an object that two callers wait for comes once, with what both want.</summary>
    private static List<XElement> SpecsOf(IEnumerable<UpdateSubscription> subscriptions) =>
        [
            .. subscriptions
                .GroupBy(subscription => subscription.Item.Type)
                .Select(type =>
                    VimData.Of(
                        "PropertyFilterSpec",
                        (
                            "propSet",
                            VimData.Of(
                                "PropertySpec",
                                ("type", type.Key),
                                ("all", false),
                                ("pathSet", type.SelectMany(subscription => subscription.Paths).Distinct())
                            )
                        ),
                        (
                            "objectSet",
                            type.Select(subscription => subscription.Item)
                                .Distinct()
                                .Select(item => VimData.Of("ObjectSpec", ("obj", item), ("skip", false)))
                        )
                    )
                ),
        ];
}
