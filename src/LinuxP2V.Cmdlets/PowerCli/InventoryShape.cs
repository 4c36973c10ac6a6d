using System.Management.Automation;

namespace LinuxP2V.Cmdlets.PowerCli;

/// <summary>Objects of PowerCLI's inventory, of Get-View, and what Export-Clixml left of them, told apart by what they have.</summary>
internal static class InventoryShape
{
    private const string StandardPortGroup = "key-vim.host.PortGroup-";
    private const string DistributedPortGroup = "dvportgroup-";

    /// <returns>Null when it is no object of an inventory.</returns>
    public static P2VInventoryItem? Read(PSObject item)
    {
        if (item.BaseObject is P2VInventoryItem known)
            return known;
        var name = Shape.Text(item, "Name");
        var server = ServerOf(Shape.Text(item, "Uid"));
        if (ReferenceOf(item) is { } id)
        {
            return new P2VInventoryItem(name ?? id)
            {
                Id = id,
                Type = TypeOf(id),
                Server = server ?? Shape.Text(item, nameof(P2VInventoryItem.Server)),
                FolderType = Shape.Text(item, "Type"),
            };
        }

        // It is a part of its host and no object of its own: networks of the same name are one to a datacenter.
        var isPortGroup =
            Shape.Text(item, "Key")?.StartsWith(StandardPortGroup, StringComparison.Ordinal) == true
            || item.TypeNames.Any(type =>
                type.EndsWith("VirtualPortGroupImpl", StringComparison.Ordinal)
                || type.EndsWith(".VirtualPortGroup", StringComparison.Ordinal)
            );
        return isPortGroup && name is not null ? new P2VInventoryItem(name) { Type = "Network", Server = server } : null;
    }

    private static string? ReferenceOf(PSObject item)
    {
        if (Shape.Text(item, "Id") is { } id && TypeOf(id) is not null)
            return id;
        // Get-VirtualPortGroup shows distributed ones too, with a key in the place of the Id.
        if (Shape.Text(item, "Key") is { } key && key.StartsWith(DistributedPortGroup, StringComparison.Ordinal))
            return "DistributedVirtualPortgroup-" + key;
        return Pair(item)
            ?? (Shape.Child(item, "MoRef") is { } own ? Pair(own) : null)
            ?? (Shape.Child(item, "ExtensionData") is { } view && Shape.Child(view, "MoRef") is { } reference ? Pair(reference) : null);
    }

    /// <summary>A managed object reference: Type and Value, or the text that is left of it.</summary>
    private static string? Pair(PSObject item)
    {
        if (item.BaseObject is string text)
            return TypeOf(text) is null ? null : text;
        return Shape.Text(item, "Type") is { } type && Shape.Text(item, "Value") is { } value && TypeOf($"{type}-{value}") is not null
            ? $"{type}-{value}"
            : null;
    }

    private static string? TypeOf(string id)
    {
        var dash = id.IndexOf('-');
        return dash > 0 && dash < id.Length - 1 && InventoryKind.IsType(id.Substring(0, dash)) ? id.Substring(0, dash) : null;
    }

    /// <summary>/VIServer=domain\user@vc01:443/… Users may have an @ as well.</summary>
    private static string? ServerOf(string? uid)
    {
        const string Start = "/VIServer=";
        if (uid?.StartsWith(Start, StringComparison.OrdinalIgnoreCase) != true)
            return null;
        var end = uid.IndexOf('/', Start.Length);
        var login = end < 0 ? uid.Substring(Start.Length) : uid.Substring(Start.Length, end - Start.Length);
        var host = login.Substring(login.LastIndexOf('@') + 1);
        var colon = host.LastIndexOf(':');
        host = (colon > 0 ? host.Substring(0, colon) : host).Trim('[', ']');
        return host.Length > 0 ? host : null;
    }
}
