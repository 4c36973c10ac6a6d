using System.Management.Automation;
using LinuxP2V.Cmdlets.PowerCli;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>A text, an object of PowerCLI's inventory or a P2VInventoryItem, if it is of a kind that the parameter takes.</summary>
internal abstract class InventoryTransformationAttribute(InventoryKind kind) : ItemTransformationAttribute
{
    protected sealed override object Convert(PSObject item)
    {
        if (item.BaseObject is string text)
        {
            return text.Trim().Length > 0
                ? new P2VInventoryItem(text)
                : throw new ArgumentTransformationMetadataException($"The text is empty. It takes {Accepted}.");
        }

        var found =
            InventoryShape.Read(item)
            ?? throw new ArgumentTransformationMetadataException(
                $"'{item}' ({item.TypeNames.FirstOrDefault()}) is no object of a vSphere inventory. It takes {Accepted}."
            );
        return kind.Objection(found) is { } objection
            ? throw new ArgumentTransformationMetadataException(
                $"'{found.Name}' ({found.Id ?? found.Type}) {objection}. It takes {Accepted}."
            )
            : found;
    }

    private string Accepted => $"{kind.Takes}: its name, a wildcard, its inventory path, or PowerCLI's object";
}

[AttributeUsage(AttributeTargets.Property)]
internal sealed class HostTransformationAttribute() : InventoryTransformationAttribute(InventoryKind.Host);

[AttributeUsage(AttributeTargets.Property)]
internal sealed class DatastoreTransformationAttribute() : InventoryTransformationAttribute(InventoryKind.Datastore);

[AttributeUsage(AttributeTargets.Property)]
internal sealed class PoolTransformationAttribute() : InventoryTransformationAttribute(InventoryKind.Pool);

[AttributeUsage(AttributeTargets.Property)]
internal sealed class FolderTransformationAttribute() : InventoryTransformationAttribute(InventoryKind.Folder);

[AttributeUsage(AttributeTargets.Property)]
internal sealed class NetworkTransformationAttribute() : InventoryTransformationAttribute(InventoryKind.Network)
{
    protected override bool TakesList => true;
}

[AttributeUsage(AttributeTargets.Property)]
internal sealed class LocationTransformationAttribute() : InventoryTransformationAttribute(InventoryKind.Location);
