namespace LinuxP2V.Engine.Destinations.VSphere.Tags;

/// <param name="Id">By which the server knows it.</param>
internal sealed record Tag(string Id, string Name, TagCategory Category)
{
    /// <summary>Category and name, as PowerCLI shows a tag.</summary>
    public override string ToString() => $"{Category.Name}/{Name}";
}

/// <param name="Id">By which the server knows it.</param>
/// <param name="TakesOne">An object may bear one tag of the category only.</param>
/// <param name="IsForMachines">VMs may bear its tags.</param>
internal sealed record TagCategory(string Id, string Name, bool TakesOne, bool IsForMachines);
