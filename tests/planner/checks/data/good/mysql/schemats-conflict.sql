CREATE TABLE location (
    location_type enum('city', 'province', 'country')
);

CREATE TABLE location_history (
    location_type enum('city', 'state', 'country')
);
